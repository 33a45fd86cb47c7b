import {
  DatabaseUrl,
  HeaderSecret,
  HttpUrl,
  LOG_LEVELS,
  OneLine,
  OneOf,
  WholeNumber,
} from '@orbit/runtime';
import { IsIn, Matches } from 'class-validator';

/** The environment of the sandbox; read and checked once, at start. */
export class StripeSandboxConfig {
  @IsIn(['development', 'test'], {
    message: 'ORBIT_ENV must be development or test: the sandbox takes no real money',
  })
  ORBIT_ENV!: string;

  @WholeNumber(0, 65_535)
  PORT!: number;

  /** Address to listen on: this machine alone, unless a container in front of it decides who comes in. */
  @OneOf(['127.0.0.1', '0.0.0.0', '::1', '::'])
  STRIPE_SANDBOX_HOST: string = '127.0.0.1';

  /** Where browsers reach this server; the hosted page's address begins with it. */
  @HttpUrl({ isBase: true })
  PUBLIC_URL!: string;

  @DatabaseUrl()
  DATABASE_URL!: string;

  /** The API key that callers send. A real key here would be a mistake worth stopping for. */
  @Matches(/^(sk|rk)_test_[\w-]{8,}$/, {
    message: 'STRIPE_SANDBOX_SECRET_KEY must look like sk_test_ and at least 8 characters',
  })
  STRIPE_SANDBOX_SECRET_KEY!: string;

  @HttpUrl()
  STRIPE_WEBHOOK_URL!: string;

  @HeaderSecret(16)
  STRIPE_WEBHOOK_SECRET!: string;

  @OneOf(LOG_LEVELS)
  LOG_LEVEL: string = 'info';

  /** Shown on the hosted page. */
  @OneLine(80)
  STRIPE_SANDBOX_MERCHANT: string = 'Orbit Billing';

  /** Shortest life of a checkout session that `expires_at` may ask for. Stripe's is 30 minutes. */
  @WholeNumber(1, 86_400)
  STRIPE_SANDBOX_SESSION_SECONDS_MIN: number = 1_800;
}
