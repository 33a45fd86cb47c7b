import { ConfigurationError, readConfig } from '@orbit/runtime';
import { StripeSandboxConfig } from './stripe-sandbox.config.js';

const GOOD = {
  ORBIT_ENV: 'development',
  PORT: '4242',
  PUBLIC_URL: 'http://127.0.0.1:4242',
  DATABASE_URL: 'postgresql://orbit_stripe_sandbox:x@127.0.0.1:5432/orbit',
  STRIPE_SANDBOX_SECRET_KEY: 'sk_test_a-b_c0123456789',
  STRIPE_WEBHOOK_URL: 'http://127.0.0.1:3000/webhooks/stripe',
  STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
};

function faultsOf(change: Record<string, string | undefined>): string {
  try {
    readConfig(StripeSandboxConfig, { ...GOOD, ...change });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.join('\n');
    throw error;
  }
  return '';
}

test('the configuration of the launcher is taken', () => {
  expect(readConfig(StripeSandboxConfig, GOOD)).toMatchObject({ PORT: 4_242, LOG_LEVEL: 'info' });
});

test('the sandbox refuses to run in production', () => {
  expect(faultsOf({ ORBIT_ENV: 'production' })).toContain('development or test');
});

test('a live key is refused, and its value is not printed', () => {
  const key = 'sk_live_0123456789abcdef';
  expect(faultsOf({ STRIPE_SANDBOX_SECRET_KEY: key })).toContain('STRIPE_SANDBOX_SECRET_KEY');
  expect(faultsOf({ STRIPE_SANDBOX_SECRET_KEY: key })).not.toContain(key);
});

test.each(Object.keys(GOOD))('without %s it does not start', (name) => {
  expect(faultsOf({ [name]: undefined })).toContain(`${name} is not set`);
});
