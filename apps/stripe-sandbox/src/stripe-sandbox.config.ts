import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  MinLength,
} from 'class-validator';

const URL_RULE = { require_tld: false, require_protocol: true, protocols: ['http', 'https'] };

/** The environment of the sandbox; read and checked once, at start. */
export class StripeSandboxConfig {
  @IsIn(['development', 'test'], {
    message: 'ORBIT_ENV must be development or test: the sandbox takes no real money',
  })
  ORBIT_ENV!: string;

  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT!: number;

  /** Where browsers reach this server; the hosted page's address begins with it. */
  @IsUrl(URL_RULE)
  PUBLIC_URL!: string;

  @Matches(/^postgres(ql)?:\/\//, { message: 'DATABASE_URL must be a postgres:// URL' })
  DATABASE_URL!: string;

  /** What callers send as their API key. A real key here would be a mistake worth stopping for. */
  @Matches(/^(sk|rk)_test_[\w-]{8,}$/, {
    message: 'STRIPE_SANDBOX_SECRET_KEY must look like sk_test_ and at least 8 characters',
  })
  STRIPE_SANDBOX_SECRET_KEY!: string;

  @IsUrl(URL_RULE)
  STRIPE_WEBHOOK_URL!: string;

  @IsString()
  @MinLength(16)
  STRIPE_WEBHOOK_SECRET!: string;

  @IsOptional()
  @IsIn(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
  LOG_LEVEL: string = 'info';

  /** Shown on the hosted page. */
  @IsOptional()
  @IsString()
  STRIPE_SANDBOX_MERCHANT: string = 'Orbit Billing';

  /** Shortest life of a checkout session that `expires_at` may ask for. Stripe's is 30 minutes. */
  @IsOptional()
  @IsInt()
  @Min(1)
  STRIPE_SANDBOX_SESSION_SECONDS_MIN: number = 1_800;
}
