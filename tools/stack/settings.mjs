/** Which variables the launcher hands to which service: all that the service's configuration class declares. */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.mjs';

/** Written by `npm run generate` from `apps/<service>/src/<service>.config.ts`. */
const FILE = path.join(ROOT, 'deploy', 'generated', 'settings.json');

/** Settings that `npm start` makes itself: where its own servers are, and that they are for development. */
const DECIDED_BY_LAUNCHER = new Set([
  ...['ORBIT_ENV', 'PORT', 'HEALTH_PORT', 'DATABASE_URL', 'REDIS_URL', 'KAFKA_BROKERS'],
  ...['WALLET_LEDGER_RPC', 'CHECKOUT_RPC', 'USAGE_METERING_RPC', 'INVOICING_RPC'],
  // Made for each home, as the other secrets are.
  ...['RPC_SECRET', 'RPC_TOKENS'],
  ...['KAFKA_TLS', 'KAFKA_CA_FILE', 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'],
  ...['KAFKA_SASL_PASSWORD', 'REDIS_CA_FILE'],
  // Its topics are made without a prefix; the sandbox it starts is its own.
  ...['KAFKA_TOPIC_PREFIX', 'STRIPE_SANDBOX_SECRET_KEY', 'STRIPE_WEBHOOK_URL'],
]);

/** Of the launcher, the tools, Compose, the tests and the examples. */
const OF_TOOLS = [
  ...['ORBIT_APP', 'ORBIT_HOME', 'ORBIT_PORT', 'ORBIT_VERSION', 'ORBIT_PUBLIC_URL'],
  ...['ORBIT_SANDBOX_PORT', 'ORBIT_DATABASE', 'ORBIT_DATABASE_URL', 'ORBIT_GATEWAY_URL'],
  ...['ORBIT_API_KEY', 'ORBIT_BASE_URL', 'ORBIT_CACHE', 'ORBIT_CHROMIUM', 'ORBIT_GENERATE'],
  ...['ORBIT_SECURED', 'ORBIT_SEED', 'ORBIT_SIM_OPERATIONS'],
];
const OF_TOOLS_BY_BEGINNING = /^ORBIT_(DB_PASSWORD|TEST|BENCH)_/;

/** `{service: [{name, isRequired}]}` */
export const readSettings = () => JSON.parse(fs.readFileSync(FILE, 'utf8'));

/** The part of `environment` that a service gets: each setting of its own that is set, and nothing else. */
export function settingsFor(service, environment, settings = readSettings()) {
  const names = settings[service].map(({ name }) => name);
  return Object.fromEntries(
    names
      .filter((name) => !DECIDED_BY_LAUNCHER.has(name) && environment[name])
      .map((name) => [name, environment[name]]),
  );
}

/** OpenTelemetry's own variables are read by its libraries, in every service (docs/tracing.md). */
export const telemetryFor = (environment) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('OTEL_')));

/** One sentence for each variable that looks like a setting and is none. `misspelt` is that of @orbit/runtime. */
export function strangers(environment, misspelt, settings = readSettings()) {
  const names = Object.values(settings).flatMap((list) => list.map(({ name }) => name));
  const known = [...new Set([...names, ...OF_TOOLS])];
  const given = Object.keys(environment);
  const meant = new Map(misspelt(given, known).map((one) => [one.name, one.meant]));
  return given
    .filter((name) => !known.includes(name) && !OF_TOOLS_BY_BEGINNING.test(name))
    .filter((name) => name.startsWith('ORBIT_') || meant.has(name))
    .map((name) => {
      const hint = meant.has(name) ? ` Is ${meant.get(name)} meant?` : '';
      return `${name} is no setting and changes nothing.${hint}`;
    });
}
