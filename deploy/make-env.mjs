// Writes .env from .env.example with random secrets in the empty places, and the tokens that are made from them.
// Never overwrites a .env.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RPC_PAIRS, rpcTokens } from './rpc-tokens.mjs';

const file = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const PREFIXES = { STRIPE_SECRET_KEY: 'sk_test_', STRIPE_WEBHOOK_SECRET: 'whsec_' };
const RPC_SECRET = /^RPC_SECRET_([A-Z_]+)=(\w+)$/gm;
const nameOf = (variable) => variable.toLowerCase().replaceAll('_', '-');

const filled = readFileSync(file('.env.example'), 'utf8').replace(
  // What came before a secret is empty in a new installation; ClickHouse and Kafka have theirs already.
  /^(?!\w+_PREVIOUS=|CLICKHOUSE_|KAFKA_)([A-Z_]*_(?:PASSWORD|SECRET|KEY|TOKEN)(?:_[A-Z_]+)?)=$/gm,
  (_, name) => `${name}=${PREFIXES[name] ?? ''}${randomBytes(24).toString('hex')}`,
);
const secrets = Object.fromEntries(
  [...filled.matchAll(RPC_SECRET)].map(([, name, secret]) => [nameOf(name), secret]),
);
const text = filled.replace(/^RPC_TOKENS_([A-Z_]+)=$/gm, (line, name) =>
  nameOf(name) in RPC_PAIRS ? `${line}${rpcTokens(secrets, nameOf(name))}` : line,
);
try {
  writeFileSync(file('.env'), text, { flag: 'wx', mode: 0o600 });
  console.log('wrote .env with random secrets');
} catch (error) {
  if (error.code !== 'EEXIST') throw error;
  console.log('.env is there already and was left alone');
}
