import { KafkaConsumerSettings } from '@orbit/messaging';
import {
  Address,
  DatabaseUrl,
  HeaderSecret,
  HttpUrl,
  LOG_LEVELS,
  OneOf,
  ORBIT_ENVS,
  RpcTokens,
  Secret,
  WholeNumber,
} from '@orbit/runtime';
import { IsOptional, ValidateBy, type ValidationArguments } from 'class-validator';
import { STORES } from './aggregation/domain/stores.js';
import { FAIL_POINT_FORM } from './events/adapters/fail-points.js';

/** A store needs its address; without it nothing could ever be counted. */
const HasItsServer = (): PropertyDecorator => {
  const isMissing = (args: ValidationArguments | undefined): boolean =>
    args?.value === 'clickhouse' && !(args.object as UsageMeteringConfig).CLICKHOUSE_URL;
  return ValidateBy({
    name: 'hasItsServer',
    validator: {
      validate: (_, args) => !isMissing(args),
      defaultMessage: () =>
        'USAGE_STORE is clickhouse, but CLICKHOUSE_URL is not set; it looks like http://clickhouse:8123',
    },
  });
};

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;
const NameOfClickHouse = (): PropertyDecorator =>
  ValidateBy({
    name: 'nameOfClickHouse',
    validator: {
      validate: (value) => typeof value === 'string' && NAME.test(value),
      defaultMessage: (args) =>
        `${args?.property ?? ''} must have letters, digits and "_" only, and begin with no digit; it looks like orbit`,
    },
  });

/** Environment of usage-metering, checked at start: a wrong value is a failed deploy, not an incident. */
export class UsageMeteringConfig extends KafkaConsumerSettings {
  @OneOf(ORBIT_ENVS)
  ORBIT_ENV: string = 'development';

  /** Connection of the role orbit_usage_metering. */
  @DatabaseUrl()
  DATABASE_URL!: string;

  /** host:port on which queries are answered. */
  @Address()
  USAGE_METERING_RPC!: string;

  /**
   * Callers prove themselves with tokens made from it (`RPC_TOKENS`). Without it whoever reaches the RPC port is answered;
   * production refuses that.
   */
  @IsOptional()
  @Secret(32)
  RPC_SECRET?: string;

  /** The one before, while the tokens of callers are changed. */
  @IsOptional()
  @Secret(32)
  RPC_SECRET_PREVIOUS?: string;

  /** Proves this service to those it asks over RPC: `name=token`, comma separated, as deploy/make-env.mjs makes them. */
  @RpcTokens()
  RPC_TOKENS: string = '';

  /** Whoever reads /metrics sends it as a bearer token. Without it the port answers everybody who reaches it. */
  @IsOptional()
  @HeaderSecret(16)
  METRICS_TOKEN?: string;

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

  /**
   * Where usage is counted from. It is changed by restarting all of usage-metering with another value; events stay in
   * PostgreSQL in any case (docs/usage-storage.md).
   */
  @OneOf(STORES)
  @HasItsServer()
  USAGE_STORE: 'postgres' | 'clickhouse' = 'postgres';

  /** Address of ClickHouse's HTTP interface; only with USAGE_STORE=clickhouse. */
  @IsOptional()
  @HttpUrl({ isBase: true })
  CLICKHOUSE_URL?: string;

  /** It is made when it is not there. */
  @NameOfClickHouse()
  CLICKHOUSE_DATABASE: string = 'orbit';

  @NameOfClickHouse()
  CLICKHOUSE_USER: string = 'default';

  @IsOptional()
  @Secret(1)
  CLICKHOUSE_PASSWORD?: string;
}
