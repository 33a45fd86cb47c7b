import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { examples, organizationPath, toCount } from '../cli/frame.js';
import { toInstant } from '../cli/instants.js';

interface NewOrganization {
  readonly name: string;
  readonly currency: string;
  readonly account: string;
}

interface NewKey {
  readonly mode: string;
  readonly name?: string;
  readonly scopes?: string;
  readonly expires?: string;
}

/** `orbit org` and `orbit key`: organizations and their API keys. */
export function register(program: Command, context: Context): void {
  const org = program.command('org').description('organizations');
  const create = org
    .command('create')
    .description('make an organization with a wallet and a first API key')
    .requiredOption('--name <name>', 'what people call it')
    .option('--currency <code>', 'currency of its wallet', 'USD')
    .option('--account <accountId>', 'whose customer it is', 'acct_live')
    .action(async ({ name, currency, account }: NewOrganization) => {
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
    .option('--name <name>', 'what people call it')
    .option('--scopes <scopes>', 'some of read,spend,manage; default: all')
    .option('--expires <time>', 'until this instant', (text) => toInstant(text))
    .action(async (id: string, { mode, name, scopes, expires }: NewKey) => {
      const body = {
        ...{ mode, name, expires_at: expires },
        scopes: scopes?.split(',').map((scope) => scope.trim()),
      };
      context.print(await context.operator('POST', organizationPath(id, '/api-keys'), body));
    });
  examples(createKey, 'key create org_… --mode live');
  const listKeys = key
    .command('list <organizationId>')
    .description('all API keys of an organization, without the keys themselves')
    .action(async (id: string) =>
      context.print(await context.operatorList(organizationPath(id, '/api-keys'))),
    );
  examples(listKeys, 'key list org_… --json');
  const rotate = key
    .command('rotate <keyId>')
    .description('make a successor; both keys are valid for a time')
    .option('--overlap <seconds>', '0, or at least 60', toCount, 86_400)
    .action(async (id: string, { overlap }: { readonly overlap: number }) => {
      await context.confirm(`End the API key ${id} in ${overlap} s, for a new one?`);
      const route = `/api-keys/${encodeURIComponent(id)}/rotate`;
      context.print(await context.operator('POST', route, { overlap_seconds: overlap }));
    });
  examples(rotate, 'key rotate ak_… --overlap 3600');
  const revoke = key
    .command('revoke <keyId>')
    .description('end an API key; holds at once, and cannot be taken back')
    .action(async (id: string) => {
      await context.confirm(`End the API key ${id}? Whoever sends with it is refused at once.`);
      await context.operator('DELETE', `/api-keys/${encodeURIComponent(id)}`);
      context.print({ revoked: id });
    });
  examples(revoke, 'key revoke key_…');
}
