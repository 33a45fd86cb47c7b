// Goal: every documented variable reaches its service under `npm start`, or is decided by the launcher; no other does.
import { afterEach, expect, test } from '@jest/globals';
import { misspelt } from '@orbit/runtime';
import { readEnvironment } from '../generate/read-source.mjs';
import { readSettings, settingsFor, strangers } from './settings.mjs';
import { planServices, PORTS_NEEDED, SERVICES } from './services.mjs';

interface Plan {
  readonly services: readonly {
    readonly name: string;
    readonly env: Readonly<Record<string, string>>;
  }[];
}
const kept = { ...process.env };
afterEach(() => {
  process.env = { ...kept };
});

const plan = (environment: Readonly<Record<string, string>>): Plan['services'] => {
  process.env = environment;
  return planServices({
    infra: { redisUrl: 'redis://127.0.0.1:1', kafkaBrokers: ['127.0.0.1:2'] },
    secrets: {
      ...{ operatorApiKey: 'operator', apiKeyHashSecret: 'hash' },
      rpcSecrets: Object.fromEntries(SERVICES.map(({ name }) => [name, `rpc of ${name}`])),
      ...{ stripeSecretKey: 'sk_test_1', stripeWebhookSecret: 'whsec_1' },
    },
    ports: Array.from({ length: PORTS_NEEDED }, (_, index) => 4_000 + index),
    gatewayPort: 3_000,
    databaseUrl: (schema: string) => `postgresql://${schema}`,
  }).services as Plan['services'];
};

/** Decided where the stack is started: addresses, databases, what belongs to the sandbox it starts itself. */
const DECIDED = new Set([
  ...['ORBIT_ENV', 'PORT', 'HEALTH_PORT', 'DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS'],
  ...['WALLET_LEDGER_RPC', 'CHECKOUT_RPC', 'USAGE_METERING_RPC', 'INVOICING_RPC'],
  ...['RPC_TOKENS', 'KAFKA_TLS', 'KAFKA_CA_FILE', 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'],
  ...['KAFKA_SASL_PASSWORD', 'REDIS_CA_FILE'],
  ...['STRIPE_SANDBOX_SECRET_KEY', 'STRIPE_WEBHOOK_URL', 'KAFKA_TOPIC_PREFIX'],
]);
/** From the environment through `readSecrets`, which keeps one of its own where none is set. */
const isSecret = (name: string): boolean => /_(SECRET|KEY)$/.test(name);

const NAMES = SERVICES.map(({ name }) => name);
test.each(NAMES)('npm start hands %s every setting that is not decided by itself', (name) => {
  const variables = readEnvironment().find(({ service }) => service === name)?.variables ?? [];
  expect(variables).not.toHaveLength(0);
  const environment = Object.fromEntries(variables.map((one) => [one.name, `own ${one.name}`]));
  const withStripe = name === 'stripe-sandbox' ? {} : { STRIPE_SECRET_KEY: 'sk_test_own' };
  const env = plan({ ...environment, ...withStripe }).find((one) => one.name === name)?.env ?? {};
  for (const { name: variable } of variables) {
    const isOfSandbox = name === 'stripe-sandbox' && /^(PUBLIC_URL|STRIPE_WEBHOOK_)/.test(variable);
    if (DECIDED.has(variable) || isSecret(variable) || isOfSandbox) continue;
    expect([variable, env[variable]]).toEqual([variable, `own ${variable}`]);
  }
  const required = variables.filter(({ isOptional }) => !isOptional);
  if (name !== 'stripe-sandbox')
    expect(Object.keys(env)).toEqual(expect.arrayContaining(required.map((one) => one.name)));
});

test('a service gets nothing that only another one declares', () => {
  expect(settingsFor('gateway', { ORBIT_SELLER_NAME: 'x', RATE_LIMIT_BURST: '9', A: 'b' })).toEqual(
    {
      RATE_LIMIT_BURST: '9',
    },
  );
});

test('the list of the launcher is that of the configuration classes', () => {
  const declared = readEnvironment().map(({ service, variables }) => [
    service,
    variables.map(({ name }) => name),
  ]);
  const listed = Object.entries(readSettings() as Record<string, { name: string }[]>).map(
    ([service, variables]) => [service, variables.map(({ name }) => name)],
  );
  expect(listed).toEqual(declared);
});

test('a variable that looks like a setting and is none is named, with the one that may be meant', () => {
  const environment = {
    ...{ ORBIT_SELER_NAME: 'x', ORBIT_COLOUR: 'y', ORBIT_HOME: '/tmp', ORBIT_TEST_INFRA: '{}' },
    ...{ RATE_LIMIT_PER_SECONDS: '5', HOME: '/root', ORBIT_RECEIPT_PAGE_SIZE: 'A4', LOG_LEVEL: '' },
  };
  expect(strangers(environment, misspelt)).toEqual([
    'ORBIT_SELER_NAME is no setting and changes nothing. Is ORBIT_SELLER_NAME meant?',
    'ORBIT_COLOUR is no setting and changes nothing.',
    'RATE_LIMIT_PER_SECONDS is no setting and changes nothing. Is RATE_LIMIT_PER_SECOND meant?',
  ]);
});
