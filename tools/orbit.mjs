/**
 * `npm run orbit -- …`: what an operator or a developer does from a terminal.
 * Talks to the stack that `.orbit/dev.json` (or ORBIT_HOME) names; results go to stdout, faults to stderr.
 */
import { Command } from 'commander';
import { Kafka, logLevel } from 'kafkajs';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const HOME = path.resolve(ROOT, process.env.ORBIT_HOME ?? '.orbit');

class OrbitCliError extends Error {}

function stack() {
  const file = path.join(HOME, 'dev.json');
  if (!fs.existsSync(file)) {
    throw new OrbitCliError(
      `There is no running stack in ${HOME}. Start one with npm start, or set ORBIT_HOME.`,
    );
  }
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** One call of the operator API; a refusal is told with the server's own sentence. */
async function operator(method, route, body) {
  const { gatewayUrl, operatorApiKey } = stack();
  const response = await fetch(`${gatewayUrl}/api/v1/operator${route}`, {
    method,
    headers: {
      'X-API-Key': operatorApiKey,
      ...(body ? { 'Content-Type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const answer = text === '' ? {} : JSON.parse(text);
  if (!response.ok)
    throw new OrbitCliError(answer.error?.message ?? `${response.status} ${response.statusText}`);
  return answer.data;
}

function print(value) {
  if (program.opts().json || typeof value !== 'object') {
    console.log(typeof value === 'string' ? value : JSON.stringify(value));
  } else if (Array.isArray(value)) {
    console.table(value);
  } else {
    for (const [name, field] of Object.entries(value)) {
      console.log(`${name}: ${typeof field === 'object' ? JSON.stringify(field) : field}`);
    }
  }
}

const program = new Command('orbit')
  .description('Operate Orbit Billing.')
  .option('--json', 'print JSON')
  .showHelpAfterError();

const sandbox = program.command('sandbox').description('the Stripe sandbox of a development stack');
sandbox
  .command('pay <checkoutUrl>')
  .description('pay a checkout page as its form does')
  .option('--card <number>', 'test card', '4242424242424242')
  .option('--authentication <answer>', 'for cards that ask: complete or fail', 'complete')
  .action(async (checkoutUrl, { card, authentication }) => {
    const submit = async (action) => {
      const response = await fetch(checkoutUrl, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          Accept: 'application/json',
          'Content-Type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({
          card_number: card.replaceAll(' ', ''),
          exp: '12/40',
          cvc: '123',
          name: 'Orbit CLI',
          email: 'cli@example.com',
          action,
        }),
      });
      return response.json();
    };
    let answer = await submit('pay');
    if (answer.status === 'requires_action')
      answer = await submit(`${authentication}_authentication`);
    if (answer.error) throw new OrbitCliError(answer.error.message ?? JSON.stringify(answer.error));
    print(answer);
  });

const org = program.command('org').description('organizations');
org
  .command('create')
  .requiredOption('--name <name>')
  .option('--currency <code>', 'ISO 4217', 'USD')
  .action(async ({ name, currency }) =>
    print(await operator('POST', '/organizations', { name, currency })),
  );
org.command('list').action(async () => print(await operator('GET', '/organizations')));

const key = program.command('key').description('API keys');
key
  .command('create <organizationId>')
  .option('--mode <mode>', 'test or live', 'test')
  .action(async (id, { mode }) =>
    print(await operator('POST', `/organizations/${encodeURIComponent(id)}/api-keys`, { mode })),
  );
key.command('revoke <keyId>').action(async (id) => {
  await operator('DELETE', `/api-keys/${encodeURIComponent(id)}`);
  print({ revoked: id });
});

const wallet = program.command('wallet').description('wallets');
for (const verb of ['pause', 'resume']) {
  wallet
    .command(`${verb} <organizationId>`)
    .action(async (id) =>
      print(await operator('POST', `/organizations/${encodeURIComponent(id)}/${verb}`, {})),
    );
}

program
  .command('topics')
  .description('topics with their partitions and the messages they hold')
  .action(async () => {
    const admin = new Kafka({
      clientId: 'orbit-cli',
      brokers: stack().kafkaBrokers,
      logLevel: logLevel.NOTHING,
    }).admin();
    await admin.connect();
    try {
      const names = (await admin.listTopics()).filter((name) => !name.startsWith('__')).sort();
      const rows = [];
      for (const topic of names) {
        const offsets = await admin.fetchTopicOffsets(topic);
        const messages = offsets.reduce(
          (sum, { high, low }) => sum + BigInt(high) - BigInt(low),
          0n,
        );
        rows.push({ topic, partitions: offsets.length, messages: String(messages) });
      }
      print(rows);
    } finally {
      await admin.disconnect();
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  const isExpected = error instanceof OrbitCliError;
  console.error(
    isExpected ? error.message : `${error?.message ?? error} — is the stack running? (npm start)`,
  );
  process.exitCode = 1;
}
