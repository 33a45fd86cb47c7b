import { KafkaConsumerSettings } from '@orbit/messaging';
import {
  Address,
  DatabaseUrl,
  HeaderSecret,
  HttpUrl,
  LOG_LEVELS,
  OneLine,
  OneOf,
  ORBIT_ENVS,
  ReadableFile,
  RpcTokens,
  Secret,
  WholeNumber,
} from '@orbit/runtime';
import { IsOptional } from 'class-validator';

/** Environment of invoicing, checked at start: a wrong value is a failed deploy, not an incident. */
export class InvoicingConfig extends KafkaConsumerSettings {
  @OneOf(ORBIT_ENVS)
  ORBIT_ENV: string = 'development';

  /** Connection of the role orbit_invoicing. */
  @DatabaseUrl()
  DATABASE_URL!: string;

  /** host:port on which queries are answered. */
  @Address()
  INVOICING_RPC!: string;

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

  /** Where clients reach the gateway; links to documents and the customer portal begin with it. */
  @HttpUrl({ isBase: true })
  PUBLIC_URL!: string;

  /** host:port of the ledger, which is granted what plans include. */
  @Address()
  WALLET_LEDGER_RPC!: string;

  /** host:port of usage-metering, whose part of an account's clock is moved from here. */
  @Address()
  USAGE_METERING_RPC!: string;

  /** host:port of checkout, whose part of an account's clock is moved from here. */
  @Address()
  CHECKOUT_RPC!: string;

  @WholeNumber(1, 65_535)
  HEALTH_PORT!: number;

  @OneOf(LOG_LEVELS)
  LOG_LEVEL: string = 'info';

  /** Connections to PostgreSQL: issuing, the outbox relay, and queries beside them. */
  @WholeNumber(2, 64)
  INVOICING_POOL_SIZE_MAX: number = 5;

  /** The issuer of receipts. */
  @OneLine(80)
  ORBIT_SELLER_NAME: string = 'Orbit Billing';

  /** Postal address, up to four lines separated by "|"; left out of the receipt when not set. */
  @OneLine(400)
  ORBIT_SELLER_ADDRESS: string = '';

  @OneOf(['A4', 'LETTER'])
  ORBIT_RECEIPT_PAGE_SIZE: 'A4' | 'LETTER' = 'A4';

  /** Font file for scripts that Inter lacks, such as Chinese or Arabic; such text shows boxes without it. */
  @IsOptional()
  @ReadableFile()
  ORBIT_RECEIPT_FALLBACK_FONT?: string;
}
