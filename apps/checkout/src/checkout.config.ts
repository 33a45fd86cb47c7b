import { IsIn, IsNotEmpty, IsOptional, IsString, IsUrl, Matches, Max, Min } from 'class-validator';

const HOST_AND_PORT = /^[^\s:]+:\d{1,5}$/;
const LOCAL_URL = { require_tld: false, require_protocol: true, protocols: ['http', 'https'] };

/** Everything that checkout takes from its environment; it refuses to start when one of these is wrong. */
export class CheckoutConfig {
  @IsIn(['development', 'test', 'production'])
  ORBIT_ENV!: 'development' | 'test' | 'production';

  @IsString()
  @IsNotEmpty()
  DATABASE_URL!: string;

  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS!: string;

  @IsOptional()
  @IsString()
  KAFKA_TOPIC_PREFIX = '';

  @IsOptional()
  @IsIn(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
  LOG_LEVEL = 'info';

  /** Where this service answers its callers. */
  @Matches(HOST_AND_PORT)
  CHECKOUT_RPC!: string;

  @Min(0)
  @Max(65_535)
  HEALTH_PORT!: number;

  /** A secret or restricted key: the sandbox's own one, or Stripe's. */
  @Matches(/^(sk|rk)_/)
  STRIPE_SECRET_KEY!: string;

  @Matches(/^whsec_\S+$/)
  STRIPE_WEBHOOK_SECRET!: string;

  /** Another server that speaks Stripe's API, such as our sandbox; Stripe itself when absent. */
  @IsOptional()
  @IsUrl(LOCAL_URL)
  STRIPE_API_BASE?: string;
}

/** Connections to Postgres of one instance: webhooks, twins, the relay and the sweeper share them. */
export const POOL_SIZE_MAX = 8;
/** The relay looks for events this often, in milliseconds; a webhook wakes it at once. */
export const RELAY_INTERVAL_MS = 1_000;
/** The sweeper looks for due top-ups this often, in milliseconds. */
export const SWEEP_INTERVAL_MS = 30_000;

/** Of creating a top-up, in milliseconds. A twin gives up before its own caller does (3 s). */
export const CREATE_LIMITS = { claimMs: 10_000, twinWaitMs: 2_000, twinPollMs: 50 } as const;
