import fs from 'node:fs';
import path from 'node:path';
import { readJsonFile } from './json-file.mjs';

const isText = (value) => typeof value === 'string' && value !== '';
const FIELDS = ['account_id', 'mode', 'api_key', 'webhook_secret'];
const isAccount = (account) => FIELDS.every((field) => isText(account?.[field]));

/** A live and a test account of /v1 with their keys: made once per home, kept for later starts. */
export async function seedAccounts({ home, gatewayUrl, operatorApiKey }) {
  const file = path.join(home, 'accounts.json');
  const known = readJsonFile(file, {
    advice: 'Remove it, and the next start makes new keys.',
    isWhole: ({ orbAccounts }) => Array.isArray(orbAccounts) && orbAccounts.every(isAccount),
  });
  const open = await Promise.all(
    (known?.orbAccounts ?? []).map((account) => isOpen(gatewayUrl, account)),
  );
  // A database that was thrown away does not know the keys any more; then new ones are made.
  if (open.length > 0 && open.every(Boolean)) return known.orbAccounts;
  const operator = async (route, body) => {
    const response = await fetch(`${gatewayUrl}/api/v1/operator/accounts${route}`, {
      method: 'POST',
      redirect: 'error',
      headers: { 'X-API-Key': operatorApiKey, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`The accounts were not made: ${await response.text()}`);
    const { data } = await response.json();
    return Object.fromEntries(FIELDS.map((field) => [field, data[field]]));
  };
  const orbAccounts = [
    // There from the beginning, without a key until somebody makes one.
    await operator('/acct_live/rotate-key', {}),
    await operator('', { name: 'Test', mode: 'test' }),
  ];
  fs.writeFileSync(file, JSON.stringify({ orbAccounts }, null, 2), { mode: 0o600 });
  return orbAccounts;
}

async function isOpen(gatewayUrl, { api_key }) {
  const answer = await fetch(`${gatewayUrl}/v1/ping`, {
    redirect: 'error',
    headers: { Authorization: `Bearer ${api_key}` },
  });
  if (answer.ok || answer.status === 401) return answer.ok;
  throw new Error(`/v1 does not answer: ${await answer.text()}`);
}
