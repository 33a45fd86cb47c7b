import fs from 'node:fs';
import path from 'node:path';
import { readJsonFile } from './json-file.mjs';

const isText = (value) => typeof value === 'string' && value !== '';

/** The demo organization: made once per home, kept for later starts. */
export async function seedDemo({ home, gatewayUrl, operatorApiKey }) {
  const file = path.join(home, 'demo.json');
  const demo = readJsonFile(file, {
    advice: 'Remove it, and the next start makes a new demo organization.',
    isWhole: ({ organizationId, apiKey }) => isText(organizationId) && isText(apiKey),
  });
  if (demo !== null) {
    const answer = await fetch(`${gatewayUrl}/api/v1/billing/balance`, {
      redirect: 'error',
      headers: { 'X-API-Key': demo.apiKey },
    });
    // A database that was thrown away does not know the key any more; then a new organization is made.
    if (answer.ok) return demo;
    if (answer.status !== 401)
      throw new Error(`The demo organization cannot be read: ${await answer.text()}`);
  }
  const response = await fetch(`${gatewayUrl}/api/v1/operator/organizations`, {
    method: 'POST',
    redirect: 'error',
    headers: { 'X-API-Key': operatorApiKey, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Demo organization', currency: 'USD' }),
  });
  if (!response.ok) throw new Error(`The demo organization was not made: ${await response.text()}`);
  const { data } = await response.json();
  const made = { organizationId: data.organization.id, apiKey: data.api_key.key };
  fs.writeFileSync(file, JSON.stringify(made, null, 2), { mode: 0o600 });
  return made;
}
