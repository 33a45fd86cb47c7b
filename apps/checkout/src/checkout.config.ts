import { KafkaConsumerSettings } from '@orbit/messaging';
import {
  Address,
  DatabaseUrl,
  HeaderSecret,
  HttpUrl,
  LOG_LEVELS,
  OneOf,
  ORBIT_ENVS,
  ProviderKey,
  RpcTokens,
  Secret,
  WholeNumber,
} from '@orbit/runtime';
import { IsOptional, ValidateBy } from 'class-validator';
import { LiveInProduction, StripeItselfInProduction } from './production-stripe.js';
import { parseUnitPrices, type UnitPrices } from './topups/domain/unit-price.js';

/** Everything that checkout takes from its environment; it refuses to start when one of these is wrong. */
export class CheckoutConfig extends KafkaConsumerSettings {
  @OneOf(ORBIT_ENVS)
  ORBIT_ENV!: 'development' | 'test' | 'production';

  @DatabaseUrl()
  DATABASE_URL!: string;

  @OneOf(LOG_LEVELS)
  LOG_LEVEL = 'info';

  /** Where this service answers its callers. */
  @Address()
  CHECKOUT_RPC!: string;

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

  /** The ledger, which knows balances. */
  @Address()
  WALLET_LEDGER_RPC!: string;

  @WholeNumber(0, 65_535)
  HEALTH_PORT!: number;

  /** A secret or restricted key: the sandbox's own one, or Stripe's. Production takes live keys only. */
  @LiveInProduction()
  @ProviderKey(/^(sk|rk)_[A-Za-z0-9_-]+$/, 'sk_live_…, rk_live_… or sk_test_…')
  STRIPE_SECRET_KEY!: string;

  @ProviderKey(/^whsec_[\x21-\x7e]+$/, 'whsec_…')
  STRIPE_WEBHOOK_SECRET!: string;

  /** Another server that speaks Stripe's API, such as our sandbox; Stripe itself when absent. Refused in production. */
  @IsOptional()
  @StripeItselfInProduction()
  @HttpUrl({ isBase: true })
  STRIPE_API_BASE?: string;

  /** Where a payer comes back to after authenticating a payment that no page of the caller's began. */
  @HttpUrl()
  PAYMENT_RETURN_URL = 'http://localhost:3000/';

  /**
   * Prices of units, for wallets that are not in money: `credits=0.02 USD, tokens=0.000001 USD`. A unit without a
   * price cannot be bought. A top-up keeps the price that it was made at, also for its refunds and disputes.
   */
  @IsOptional()
  @ValidateBy({
    name: 'isUnitPrices',
    validator: {
      validate: (text) => typeof text === 'string' && typeof parseUnitPrices(text) !== 'string',
      defaultMessage: (fault) => `UNIT_PRICES: ${String(parseUnitPrices(String(fault?.value)))}`,
    },
  })
  UNIT_PRICES = '';

  /** Between an automatic payment that failed and the next try; the one after waits four times as long. */
  @WholeNumber(1, 86_400)
  AUTO_RELOAD_RETRY_SECONDS = 900;

  /** Stripe's books are compared with the ledger this often; 0: only when somebody asks. */
  @WholeNumber(0, 86_400)
  RECONCILE_INTERVAL_SECONDS = 3_600;

  /** Stripe's list of events is asked this often for what did not arrive, in two requests; 0: never. */
  @WholeNumber(0, 3_600)
  MISSED_EVENTS_INTERVAL_SECONDS = 15;

  /** How far a scheduled comparison looks back. */
  @WholeNumber(1, 2_160)
  RECONCILE_WINDOW_HOURS = 72;

  /** Movements newer than this may still be on their way and are compared in the next run. */
  @WholeNumber(0, 86_400)
  RECONCILE_GRACE_SECONDS = 120;

  /** Whether a wallet that may hold more than Stripe has is paused, with reason `manual`. */
  @OneOf(['true', 'false'])
  RECONCILE_PAUSES_WALLETS: 'true' | 'false' = 'false';
}

/** As validated at start. */
export function unitPricesOf({ UNIT_PRICES }: CheckoutConfig): UnitPrices {
  const prices = parseUnitPrices(UNIT_PRICES);
  if (typeof prices === 'string') throw new Error(`UNIT_PRICES: ${prices}`);
  return prices;
}

/** Connections to Postgres of one instance: webhooks, twins, the relay and the sweeper share them. */
export const POOL_SIZE_MAX = 8;
/** The relay looks for events this often, in milliseconds; a webhook wakes it at once. */
export const RELAY_INTERVAL_MS = 1_000;
/** The sweeper looks for due top-ups this often, in milliseconds. */
export const SWEEP_INTERVAL_MS = 30_000;

/** Of creating a top-up, in milliseconds. A twin gives up before its own caller does (3 s). */
export const CREATE_LIMITS = { lockMs: 10_000, twinWaitMs: 2_000, twinPollMs: 50 } as const;
/** Auto-reload looks for due policies this often, in milliseconds; an event wakes it at once. */
export const AUTO_RELOAD_INTERVAL_MS = 1_000;
/** Refunds and disputes that wait for something are looked at this often, in milliseconds. */
export const RECOVER_CLAIMS_INTERVAL_MS = 10_000;
/** Old events are deleted this often, in milliseconds. */
export const PRUNE_INTERVAL_MS = 3_600_000;
/** A question to the ledger, in milliseconds. */
export const LEDGER_TIMEOUT_MS = 3_000;
