import { KafkaConsumerSettings } from '@orbit/messaging';
import {
  ReadableFile,
  Address,
  DatabaseUrl,
  HeaderSecret,
  KafkaName,
  LOG_LEVELS,
  OneOf,
  ORBIT_ENVS,
  RedisUrl,
  Secret,
  WholeNumber,
} from '@orbit/runtime';
import { IsOptional, ValidateBy } from 'class-validator';
import { FAIL_POINT_FORM } from './books/adapters/fail-points.js';

/** Environment of wallet-ledger, checked at start: a wrong value is a failed deploy, not an incident. */
export class WalletLedgerConfig extends KafkaConsumerSettings {
  @OneOf(ORBIT_ENVS)
  ORBIT_ENV: string = 'development';

  /** Connection of the role orbit_wallet_ledger. */
  @DatabaseUrl()
  DATABASE_URL!: string;

  @RedisUrl()
  REDIS_URL!: string;

  /** The certificate authority of Redis (`rediss://`), in PEM, where it is your own. */
  @IsOptional()
  @ReadableFile()
  REDIS_CA_FILE?: string;

  /** host:port on which queries are answered. */
  @Address()
  WALLET_LEDGER_RPC!: string;

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

  /** Whoever reads /metrics sends it as a bearer token. Without it the port answers everybody who reaches it. */
  @IsOptional()
  @HeaderSecret(16)
  METRICS_TOKEN?: string;

  @WholeNumber(1, 65_535)
  HEALTH_PORT!: number;

  @OneOf(LOG_LEVELS)
  LOG_LEVEL: string = 'info';

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

  /** Connections to PostgreSQL: one posts, the others read; more than cores gains nothing. */
  @WholeNumber(2, 64)
  LEDGER_POOL_SIZE_MAX: number = 8;

  /**
   * How long room that was reserved for a batch stays reserved when its reader dies; then the wallet is
   * loaded anew before anybody is authorized. Far beyond what a batch may take between claim and commit.
   */
  @WholeNumber(20_000, 600_000)
  LEDGER_CLAIM_TTL_MS: number = 60_000;

  /** How often expired credit is booked as breakage. Spending does not wait for it. */
  @WholeNumber(100, 3_600_000)
  LEDGER_SWEEP_INTERVAL_MS: number = 15_000;

  /** How often new entries are sealed and their root is published. */
  @WholeNumber(100, 3_600_000)
  LEDGER_SEAL_INTERVAL_MS: number = 1_000;

  /** How often the live books are checked: wallets that changed, and some of the others in turn. */
  @WholeNumber(100, 3_600_000)
  LEDGER_RECONCILE_INTERVAL_MS: number = 1_000;

  @KafkaName()
  LEDGER_GROUP_ID: string = 'wallet-ledger';

  /** How long an instance may be silent before another takes its partitions over; beyond a pause of the process. */
  @WholeNumber(1_000, 300_000)
  LEDGER_SESSION_TIMEOUT_MS: number = 10_000;

  /** For crash tests: where the process is to kill itself, and at which passing ("after_commit:3"). Not in production. */
  @IsOptional()
  @ValidateBy({
    name: 'isFailPoint',
    validator: {
      validate: (value, args) =>
        (args?.object as WalletLedgerConfig).ORBIT_ENV !== 'production' &&
        FAIL_POINT_FORM.test(String(value)),
      defaultMessage: () =>
        'ORBIT_FAIL_POINT names no fail point, or this is production, where there are none',
    },
  })
  ORBIT_FAIL_POINT?: string;
}
