import { ValidateBy, type ValidationArguments } from 'class-validator';

const STRIPE_HOST = 'api.stripe.com';

const isProduction = (args: ValidationArguments | undefined): boolean =>
  (args?.object as { ORBIT_ENV?: string } | undefined)?.ORBIT_ENV === 'production';

/** In production a test key is refused: nobody would pay, and wallets would be credited all the same. */
export const LiveInProduction = (): PropertyDecorator =>
  ValidateBy({
    name: 'liveInProduction',
    validator: {
      validate: (key, args) => !isProduction(args) || !/^(sk|rk)_test_/.test(String(key)),
      defaultMessage: (args) =>
        `${args?.property ?? ''} is a test key, and ORBIT_ENV is production: whoever pays with a test card would be ` +
        'credited. Set a live key, or ORBIT_ENV=development',
    },
  });

/** In production payments are Stripe's own: another address that says "paid" would make money. */
export const StripeItselfInProduction = (): PropertyDecorator =>
  ValidateBy({
    name: 'stripeItselfInProduction',
    validator: {
      validate: (address, args) => !isProduction(args) || isStripe(String(address)),
      defaultMessage: (args) =>
        `${args?.property ?? ''} is not Stripe, and ORBIT_ENV is production: a sandbox takes no real money. Leave it ` +
        'empty, or set ORBIT_ENV=development',
    },
  });

function isStripe(address: string): boolean {
  try {
    const { protocol, host } = new URL(address);
    return protocol === 'https:' && host === STRIPE_HOST;
  } catch {
    return false;
  }
}
