/** The processes of one stack and their settings. */
import { RPC_PAIRS, rpcTokens } from '../../deploy/rpc-tokens.mjs';
import { securedSettings } from '../infra/secured.mjs';
import { settingsFor, telemetryFor } from './settings.mjs';

export const SERVICES = [
  { name: 'stripe-sandbox', folder: 'sandboxes/stripe', schema: 'stripe_sandbox' },
  { name: 'wallet-ledger', schema: 'wallet_ledger', rpc: 'WALLET_LEDGER_RPC' },
  { name: 'checkout', schema: 'checkout', rpc: 'CHECKOUT_RPC' },
  { name: 'usage-metering', schema: 'usage_metering', rpc: 'USAGE_METERING_RPC' },
  { name: 'invoicing', schema: 'invoicing', rpc: 'INVOICING_RPC' },
  { name: 'gateway', schema: 'gateway' },
];

/** Free ports that a stack needs: one HTTP port and one RPC port per service. */
export const PORTS_NEEDED = SERVICES.length * 2;

/** With a Stripe key in the environment the same code talks to Stripe, and no sandbox runs. */
export const usesStripe = () => Boolean(process.env.STRIPE_SECRET_KEY);

/**
 * Each service with its environment and the URL of its readiness. `ports` are free ones,
 * `databaseUrl(schema)` a connection as that schema's own role.
 */
export function planServices({ infra, secrets, ports, gatewayPort, databaseUrl }) {
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`;
  const free = [...ports];
  const placed = SERVICES.map((service) => {
    const isGateway = service.name === 'gateway';
    const http = isGateway ? gatewayPort : free.shift();
    const rpcPort = service.rpc ? free.shift() : undefined;
    // The gateway's HTTP port is public: health and metrics for inside have one of their own.
    return { ...service, http, rpcPort, health: isGateway ? free.shift() : http };
  });
  const sandboxUrl = `http://127.0.0.1:${placed.find(({ name }) => name === 'stripe-sandbox').http}`;
  const rpc = Object.fromEntries(
    placed.filter(({ rpcPort }) => rpcPort).map((p) => [p.rpc, `127.0.0.1:${p.rpcPort}`]),
  );
  const stripe = usesStripe()
    ? {
        STRIPE_SECRET_KEY: process.env.STRIPE_SECRET_KEY,
        STRIPE_WEBHOOK_SECRET: process.env.STRIPE_WEBHOOK_SECRET ?? '',
      }
    : {
        STRIPE_SECRET_KEY: secrets.stripeSecretKey,
        STRIPE_WEBHOOK_SECRET: secrets.stripeWebhookSecret,
        STRIPE_API_BASE: sandboxUrl,
      };
  const common = {
    ORBIT_ENV: 'development',
    REDIS_URL: infra.redisUrl,
    KAFKA_BROKERS: infra.kafkaBrokers.join(','),
    ...rpc,
  };
  /** The processes that authorize, and the ledger that has to trust it. */
  const signing = {
    AUTHORIZATION_SECRET: secrets.authorizationSecret,
    AUTHORIZATION_SECRET_PREVIOUS: process.env.AUTHORIZATION_SECRET_PREVIOUS ?? '',
  };
  /** Callers prove themselves here as in production; `spender` is every process of your own with libs/spend. */
  const proofFor = ({ name, rpc }) => ({
    ...(rpc ? { RPC_SECRET: secrets.rpcSecrets[name] } : {}),
    ...(name in RPC_PAIRS ? { RPC_TOKENS: rpcTokens(secrets.rpcSecrets, name) } : {}),
  });
  const own = {
    'wallet-ledger': signing,
    gateway: {
      PORT: String(gatewayPort),
      PUBLIC_URL: process.env.PUBLIC_URL || gatewayUrl,
      API_KEY_HASH_SECRET: secrets.apiKeyHashSecret,
      ...signing,
      OPERATOR_API_KEY: secrets.operatorApiKey,
    },
    invoicing: { PUBLIC_URL: process.env.PUBLIC_URL || gatewayUrl },
    checkout: {
      ...stripe,
      PAYMENT_RETURN_URL: process.env.PAYMENT_RETURN_URL || `${gatewayUrl}/api/docs`,
    },
    'stripe-sandbox': {
      PUBLIC_URL: sandboxUrl,
      STRIPE_SANDBOX_SECRET_KEY: secrets.stripeSecretKey,
      STRIPE_WEBHOOK_URL: `${gatewayUrl}/webhooks/stripe`,
      STRIPE_WEBHOOK_SECRET: secrets.stripeWebhookSecret,
    },
  };
  const services = placed
    .filter(({ name }) => name !== 'stripe-sandbox' || !usesStripe())
    .map(({ name, rpc, folder, schema, http, health }) => ({
      name,
      folder: folder ?? `apps/${name}`,
      readyUrl: `http://127.0.0.1:${http}/health/ready`,
      env: {
        ...telemetryFor(process.env),
        ...settingsFor(name, process.env),
        ...common,
        PORT: String(http),
        HEALTH_PORT: String(health),
        DATABASE_URL: databaseUrl(schema),
        ...proofFor({ name, rpc }),
        ...(infra.security ? securedSettings(infra.security, name) : {}),
        ...own[name],
      },
    }));
  const metricsUrls = placed
    .filter(({ name }) => name !== 'stripe-sandbox')
    .map(({ health }) => `http://127.0.0.1:${health}/metrics`);
  return { services, gatewayUrl, metricsUrls, sandboxUrl: usesStripe() ? null : sandboxUrl };
}
