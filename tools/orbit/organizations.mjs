import { examples } from './frame.mjs';

const path = (id, rest = '') => `/organizations/${encodeURIComponent(id)}${rest}`;

/** `orbit org` and `orbit key`: organizations and their API keys. */
export function register(program, context) {
  const org = program.command('org').description('organizations');
  const create = org
    .command('create')
    .description('make an organization with a wallet and a first API key')
    .requiredOption('--name <name>', 'what people call it')
    .option('--currency <code>', 'currency of its wallet', 'USD')
    .option('--account <accountId>', 'whose customer it is', 'acct_live')
    .action(async ({ name, currency, account }) => {
      const body = { name, currency, account_id: account };
      context.print(await context.operator('POST', '/organizations', body));
    });
  examples(create, "org create --name 'Acme' --currency EUR");
  const list = org
    .command('list')
    .description('all organizations')
    .action(async () => context.print(await context.operatorList('/organizations')));
  examples(list, 'org list --json');

  const key = program.command('key').description('API keys');
  const createKey = key
    .command('create <organizationId>')
    .description('make an API key; it is shown once')
    .option('--mode <mode>', 'test (reads only, on the live account) or live', 'live')
    .action(async (id, { mode }) =>
      context.print(await context.operator('POST', path(id, '/api-keys'), { mode })),
    );
  examples(createKey, 'key create org_… --mode live');
  const revoke = key
    .command('revoke <keyId>')
    .description('end an API key; holds at once, and cannot be taken back')
    .action(async (id) => {
      await context.confirm(`End the API key ${id}? Whoever sends with it is refused at once.`);
      await context.operator('DELETE', `/api-keys/${encodeURIComponent(id)}`);
      context.print({ revoked: id });
    });
  examples(revoke, 'key revoke key_…');
}
