import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { examples } from '../cli/frame.js';

interface NewAccount {
  readonly name: string;
  readonly mode: string;
  readonly currency: string;
  readonly timezone: string;
}

/** `orbit account`: accounts of the Orb-compatible API under /v1. */
export function register(program: Command, context: Context): void {
  const account = program.command('account').description('accounts of /v1');
  const create = account
    .command('create')
    .description('make an account with its bearer key; the key is shown once')
    .requiredOption('--name <name>', 'what people call it')
    .requiredOption('--mode <mode>', 'test or live')
    .option('--currency <code>', 'default currency of its customers', 'USD')
    .option('--timezone <name>', 'default time zone of its customers', 'UTC')
    .action(async ({ name, mode, currency, timezone }: NewAccount) => {
      const body = { name, mode, default_currency: currency, timezone };
      context.print(await context.operator('POST', '/accounts', body));
    });
  examples(create, "account create --name 'Acme test' --mode test --timezone Europe/Berlin");
  const list = account
    .command('list')
    .description('all accounts, without their keys')
    .action(async () => context.print(await context.operator('GET', '/accounts')));
  examples(list, 'account list --json');
  const rotate = account
    .command('rotate-key <accountId>')
    .description('make a new bearer key; the one before ends at once')
    .action(async (id: string) => {
      await context.confirm(`Make a new key of ${id}? Whoever sends with the old one is refused.`);
      const route = `/accounts/${encodeURIComponent(id)}/rotate-key`;
      context.print(await context.operator('POST', route, {}));
    });
  examples(rotate, 'account rotate-key acct_live');
}
