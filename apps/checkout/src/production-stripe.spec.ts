import { ConfigurationError, readConfig } from '@orbit/runtime';
import { CheckoutConfig } from './checkout.config.js';

const GOOD = {
  ...{ ORBIT_ENV: 'production', KAFKA_BROKERS: 'kafka:9092', HEALTH_PORT: '4001' },
  DATABASE_URL: 'postgresql://orbit_checkout:x@127.0.0.1:5432/orbit',
  ...{ CHECKOUT_RPC: '0.0.0.0:4000', WALLET_LEDGER_RPC: 'wallet-ledger:4000' },
  STRIPE_SECRET_KEY: 'sk_live_0123456789abcdef',
  STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
};

function faultsOf(change: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(CheckoutConfig, { ...GOOD, ...change });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
  return [];
}

test('production starts with a live key and Stripe itself', () => {
  expect(faultsOf({})).toEqual([]);
  expect(faultsOf({ STRIPE_API_BASE: '' })).toEqual([]);
  expect(faultsOf({ STRIPE_API_BASE: 'https://api.stripe.com' })).toEqual([]);
});

test.each(['sk_test_0123456789', 'rk_test_0123456789'])('production refuses %s', (key) => {
  const faults = faultsOf({ STRIPE_SECRET_KEY: key });
  expect(faults).toEqual([expect.stringContaining('STRIPE_SECRET_KEY is a test key')]);
  expect(faults.join()).not.toContain(key);
  expect(faultsOf({ STRIPE_SECRET_KEY: key, ORBIT_ENV: 'development' })).toEqual([]);
});

test.each([
  'http://stripe-sandbox:3001',
  'http://api.stripe.com',
  'https://api.stripe.com.evil.example',
  'https://api.stripe.com@evil.example',
])('production refuses STRIPE_API_BASE=%s', (address) => {
  expect(faultsOf({ STRIPE_API_BASE: address }).join()).toContain('STRIPE_API_BASE');
});
