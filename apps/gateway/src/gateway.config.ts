import { KafkaSettings } from '@orbit/messaging';
import {
  ReadableFile,
  Address,
  DatabaseUrl,
  HeaderSecret,
  HttpUrl,
  LOG_LEVELS,
  OneOf,
  ORBIT_ENVS,
  RedisUrl,
  RpcTokens,
  Secret,
  WholeNumber,
} from '@orbit/runtime';
import { IsOptional, Matches } from 'class-validator';

const ORIGIN = String.raw`https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?`;
const ORIGINS = new RegExp(`^(${ORIGIN}(\\s*,\\s*${ORIGIN})*)?$`);

const PROXY = String.raw`[0-9A-Fa-f.:]+(\/\d{1,3})?`;
const PROXIES = new RegExp(`^(${PROXY}(\\s*,\\s*${PROXY})*)?$`);

/** Everything the gateway takes from its environment; it refuses to start when one of these is wrong. */
export class GatewayConfig extends KafkaSettings {
  @OneOf(ORBIT_ENVS)
  ORBIT_ENV!: 'development' | 'test' | 'production';

  @WholeNumber(0, 65_535)
  PORT!: number;

  /** Of /health and /metrics for inside, which the public port never answers /metrics on; without it there is neither. */
  @IsOptional()
  @WholeNumber(0, 65_535)
  HEALTH_PORT?: number;

  /** Where clients reach us; links to PDFs start with it. */
  @HttpUrl({ isBase: true })
  PUBLIC_URL!: string;

  @DatabaseUrl()
  DATABASE_URL!: string;

  @RedisUrl()
  REDIS_URL!: string;

  /** The certificate authority of Redis (`rediss://`), in PEM, where it is your own. */
  @IsOptional()
  @ReadableFile()
  REDIS_CA_FILE?: string;

  @OneOf(LOG_LEVELS)
  LOG_LEVEL: string = 'info';

  @Address()
  WALLET_LEDGER_RPC!: string;

  @Address()
  CHECKOUT_RPC!: string;

  @Address()
  USAGE_METERING_RPC!: string;

  @Address()
  INVOICING_RPC!: string;

  /** Proves this service to those it asks over RPC: `name=token`, comma separated, as deploy/make-env.mjs makes them. */
  @RpcTokens()
  RPC_TOKENS: string = '';

  /** Whoever reads /metrics sends it as a bearer token. Without it the port answers everybody who reaches it. */
  @IsOptional()
  @HeaderSecret(16)
  METRICS_TOKEN?: string;

  /** Key of the HMAC under which API keys are stored; changing it revokes every key. */
  @Secret(16)
  API_KEY_HASH_SECRET!: string;

  /**
   * Key of the HMAC in authorization ids, the same for gateway, wallet-ledger and every service with libs/spend; at
   * least 32 characters. The ledger posts what was authorized under it, whatever has become of Redis.
   */
  @Secret(32)
  AUTHORIZATION_SECRET!: string;

  /** The one before, for a day after a change, while what was authorized under it may still be captured. */
  @IsOptional()
  @Secret(32)
  AUTHORIZATION_SECRET_PREVIOUS?: string;

  /** Of everything below /api/v1/operator. */
  @HeaderSecret(16)
  OPERATOR_API_KEY!: string;

  /** Sustained requests per second of one API key. */
  @WholeNumber(1, 1_000_000)
  RATE_LIMIT_PER_SECOND: number = 2_000;

  /** Requests that one API key may send at once, before the sustained rate applies. */
  @WholeNumber(1, 1_000_000)
  RATE_LIMIT_BURST: number = 4_000;

  /**
   * How long an idle connection stays open. Longer than the load balancer in front keeps its own (60 of an AWS
   * ALB, 75 of nginx, 600 of Google's), or it sends a request into a connection that is just being closed and returns 502.
   */
  @WholeNumber(1, 86_400)
  KEEP_ALIVE_SECONDS: number = 650;

  /**
   * Web pages whose scripts may read answers, with a token of the portal: origins such as
   * https://app.example.com, separated by commas.
   * An API key is never taken from a page, whatever stands here.
   */
  @Matches(ORIGINS, {
    message: 'PORTAL_ORIGINS must be origins such as https://app.example.com, separated by commas',
  })
  PORTAL_ORIGINS: string = '';

  /**
   * Proxies in front of the gateway, as addresses or networks (10.0.0.0/8, fd00::/8), separated by commas. From them
   * alone X-Forwarded-For is taken as a caller's address, by which wrong keys are throttled and which the trail shows.
   */
  @Matches(PROXIES, {
    message:
      'TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, separated by commas',
  })
  TRUSTED_PROXIES: string = '';

  /**
   * Processes that authorize, at most: this gateway's and others with libs/spend. Each may spend its share
   * of a wallet's outage budget; more processes than said here could spend more than the budget.
   */
  @WholeNumber(1, 10_000)
  SPEND_PROCESS_COUNT: number = 1;
}

/** As Fastify takes them; it refuses to start with one that is no address. */
export const readProxies = (list: string): readonly string[] =>
  list
    .split(',')
    .map((proxy) => proxy.trim())
    .filter((proxy) => proxy !== '');

/** As browsers write them: without a slash at the end, in lower case. */
export const readOrigins = (list: string): readonly string[] =>
  list
    .split(',')
    .map((origin) => origin.trim().toLowerCase())
    .filter((origin) => origin !== '');

/** Body of any request, in bytes; a larger one gets 413. */
export const BODY_BYTES_MAX = 1_048_576;
/** How long a known key is answered from Redis. Revocation does not wait for it. */
export const KEY_CACHE_TTL_SECONDS = 30;
/** How long an unknown key is remembered as unknown, so that guessing does not reach Postgres. */
export const UNKNOWN_KEY_TTL_SECONDS = 5;
/** How long a revoked key is barred in Redis; longer than any fill of the cache that began before. */
export const REVOKED_KEY_TTL_SECONDS = 120;
/** A question to another service, in milliseconds, before the gateway returns 504. */
export const RPC_TIMEOUT_MS = 3_000;
/** `?wait=posted`: how long Kafka and the answer of the ledger are awaited together, in milliseconds. */
export const POSTING_WAIT_MS = 5_000;
/** One command to Redis, in milliseconds, before it counts as away. */
export const REDIS_COMMAND_TIMEOUT_MS = 1_500;
/** Requests under way get this long to end after a signal, in milliseconds. */
export const SHUTDOWN_TIMEOUT_MS = 20_000;
/** How long a top-up by the saved payment method waits for its booking, and how often it looks, in milliseconds. */
export const BOOKING_WAIT_MS = 5_000;
export const BOOKING_POLL_MS = 100;
