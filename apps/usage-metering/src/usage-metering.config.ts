import {
  Address,
  Addresses,
  DatabaseUrl,
  KafkaName,
  LOG_LEVELS,
  OneOf,
  ORBIT_ENVS,
  SWITCH,
  WholeNumber,
} from '@orbit/runtime';

/** Environment of usage-metering, checked at start: a wrong value is a failed deploy, not an incident. */
export class UsageMeteringConfig {
  @OneOf(ORBIT_ENVS)
  ORBIT_ENV: string = 'development';

  /** Connection of the role orbit_usage_metering. */
  @DatabaseUrl()
  DATABASE_URL!: string;

  /** host:port, comma separated. */
  @Addresses()
  KAFKA_BROKERS!: string;

  @KafkaName({ mayBeEmpty: true })
  KAFKA_TOPIC_PREFIX: string = '';

  /** Off: kafkajs names every partition in every fetch; a tenth more CPU. */
  @OneOf(SWITCH)
  KAFKA_FETCH_SESSIONS: 'on' | 'off' = 'on';

  /** Off: records are encoded by kafkajs itself, more slowly. */
  @OneOf(SWITCH)
  KAFKA_OWN_ENCODER: 'on' | 'off' = 'on';

  /** host:port on which queries are answered. */
  @Address()
  USAGE_METERING_RPC!: string;

  /** host:port of invoicing, which has the items that metrics show. */
  @Address()
  INVOICING_RPC!: string;

  @WholeNumber(1, 65_535)
  HEALTH_PORT!: number;

  @OneOf(LOG_LEVELS)
  LOG_LEVEL: string = 'info';

  /** Connections to PostgreSQL: batches of some partitions at once, and queries beside them. */
  @WholeNumber(2, 64)
  METERING_POOL_SIZE_MAX: number = 6;
}
