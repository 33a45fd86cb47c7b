import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { readJsonFile } from './json-file.mjs';
import { SERVICES } from './services.mjs';

const secret = (prefix = '') => `${prefix}${randomBytes(24).toString('hex')}`;

/** Secrets of this home: made once, readable by its owner only. Missing ones are added. */
export function readSecrets(home) {
  const file = path.join(home, 'secrets.json');
  const known =
    readJsonFile(file, {
      advice:
        'It holds the keys of this stack: restore it from a copy. Only to give up every API key of it, remove the file and start again.',
      isWhole: ({ databasePasswords = {} }) => typeof databasePasswords === 'object',
    }) ?? {};
  const secrets = {
    operatorApiKey: secret('orbit_operator_'),
    apiKeyHashSecret: secret(),
    authorizationSecret: secret(),
    stripeSecretKey: secret('sk_test_'),
    stripeWebhookSecret: secret('whsec_'),
    ...known,
    rpcSecrets: {
      ...Object.fromEntries(SERVICES.filter(({ rpc }) => rpc).map(({ name }) => [name, secret()])),
      ...known.rpcSecrets,
    },
    databasePasswords: {
      ...Object.fromEntries(SERVICES.map(({ schema }) => [schema, secret()])),
      ...known.databasePasswords,
    },
  };
  fs.writeFileSync(`${file}.tmp`, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  fs.renameSync(`${file}.tmp`, file);
  // What is set in the environment holds for this start and is not kept.
  return {
    ...secrets,
    operatorApiKey: process.env.OPERATOR_API_KEY?.trim() || secrets.operatorApiKey,
    apiKeyHashSecret: process.env.API_KEY_HASH_SECRET?.trim() || secrets.apiKeyHashSecret,
  };
}
