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
import { IsOptional, ValidateBy } from 'class-validator';
import { FAIL_POINT_FORM } from './events/adapters/fail-points.js';

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

  /** How long an instance may be silent before another takes its partitions over; beyond a pause of the process. */
  @WholeNumber(1_000, 300_000)
  METERING_SESSION_TIMEOUT_MS: number = 10_000;

  /** For crash tests: where the process is to kill itself, and at which passing ("after_commit:3"). Not in production. */
  @IsOptional()
  @ValidateBy({
    name: 'isFailPoint',
    validator: {
      validate: (value, args) =>
        (args?.object as UsageMeteringConfig).ORBIT_ENV !== 'production' &&
        FAIL_POINT_FORM.test(String(value)),
      defaultMessage: () =>
        'ORBIT_FAIL_POINT names no fail point, or this is production, where there are none',
    },
  })
  ORBIT_FAIL_POINT?: string;
}
