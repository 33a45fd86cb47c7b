import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { FAIL_POINT_FORM } from './outbound/fail-points.js';

/** Environment of wallet-ledger, checked at start: a wrong value is a failed deploy, not an incident. */
export class WalletLedgerConfig {
  @IsIn(['development', 'test', 'production'])
  ORBIT_ENV: string = 'development';

  /** Connection of the role orbit_wallet_ledger. */
  @IsString()
  @IsNotEmpty()
  DATABASE_URL!: string;

  @IsString()
  @IsNotEmpty()
  REDIS_URL!: string;

  /** host:port, comma separated. */
  @IsString()
  @IsNotEmpty()
  KAFKA_BROKERS!: string;

  @IsString()
  KAFKA_TOPIC_PREFIX: string = '';

  /** host:port on which queries are answered. */
  @IsString()
  @IsNotEmpty()
  WALLET_LEDGER_RPC!: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(65_535)
  HEALTH_PORT!: number;

  @IsString()
  LOG_LEVEL: string = 'info';

  /** Connections to PostgreSQL: one posts, the others read; more than cores gains nothing. */
  @Type(() => Number)
  @IsInt()
  @Min(2)
  @Max(64)
  LEDGER_POOL_SIZE_MAX: number = 8;

  /**
   * How long room that was reserved for a batch stays reserved when its reader dies; then the wallet is
   * loaded anew before anybody is authorized. Far beyond what a batch may take between claim and commit.
   */
  @Type(() => Number)
  @IsInt()
  @Min(20_000)
  @Max(600_000)
  LEDGER_CLAIM_TTL_MS: number = 60_000;

  /** How often expired credit is booked as breakage. Spending does not wait for it. */
  @Type(() => Number)
  @IsInt()
  @Min(100)
  @Max(3_600_000)
  LEDGER_SWEEP_INTERVAL_MS: number = 15_000;

  /** How often new entries are sealed and their root is published. */
  @Type(() => Number)
  @IsInt()
  @Min(100)
  @Max(3_600_000)
  LEDGER_SEAL_INTERVAL_MS: number = 1_000;

  /** How often the live books are checked: wallets that changed, and some of the others in turn. */
  @Type(() => Number)
  @IsInt()
  @Min(100)
  @Max(3_600_000)
  LEDGER_RECONCILE_INTERVAL_MS: number = 1_000;

  @IsOptional()
  @IsString()
  LEDGER_GROUP_ID: string = 'wallet-ledger';

  /** How long an instance may be silent before another takes its partitions over; beyond a pause of the process. */
  @Type(() => Number)
  @IsInt()
  @Min(1_000)
  @Max(300_000)
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
