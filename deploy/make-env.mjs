// Writes .env from .env.example with random secrets in the empty places. Never overwrites a .env.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const PREFIXES = { STRIPE_SECRET_KEY: 'sk_test_', STRIPE_WEBHOOK_SECRET: 'whsec_' };

const text = readFileSync(file('.env.example'), 'utf8').replace(
  // What came before a secret is empty in a new installation; ClickHouse is a server that has its password already.
  /^(?!\w+_PREVIOUS=|CLICKHOUSE_)([A-Z_]*_(?:PASSWORD|SECRET|KEY)[A-Z_]*)=$/gm,
  (_, name) => `${name}=${PREFIXES[name] ?? ''}${randomBytes(24).toString('hex')}`,
);
try {
  writeFileSync(file('.env'), text, { flag: 'wx', mode: 0o600 });
  console.log('wrote .env with random secrets');
} catch (error) {
  if (error.code !== 'EEXIST') throw error;
  console.log('.env is there already and was left alone');
}
