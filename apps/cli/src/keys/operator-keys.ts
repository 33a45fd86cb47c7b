import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { examples, group, toCount } from '../cli/frame.js';
import { toInstant } from '../cli/instants.js';

interface NewKey {
  readonly name: string;
  readonly role: string;
  readonly expires?: string;
}

/** `orbit operator-key`: named keys of operators. */
export function register(program: Command, context: Context): void {
  const keys = group(program, 'operator-key', 'named keys of operators, with a role each');
  const create = keys
    .command('create')
    .description('make a named operator key; it is shown once')
    .requiredOption('--name <name>', 'whose key it is')
    .requiredOption('--role <role>', 'owner, finance, support or viewer')
    .option('--expires <time>', 'until this instant', (text) => toInstant(text))
    .action(async ({ name, role, expires }: NewKey) => {
      const body = { name, role, ...(expires === undefined ? {} : { expires_at: expires }) };
      context.print(await context.operator('POST', '/keys', body));
    });
  examples(create, "operator-key create --name 'Ada Lovelace' --role owner");
  const list = keys
    .command('list')
    .description('all operator keys that ever were')
    .action(async () => context.print(await context.operator('GET', '/keys')));
  examples(list, 'operator-key list --json');
  const rotate = keys
    .command('rotate <keyId>')
    .description('make a successor; both keys are valid for a time')
    .option('--overlap <seconds>', '0, or at least 60', toCount, 86_400)
    .action(async (id: string, { overlap }: { readonly overlap: number }) => {
      await context.confirm(`End the operator key ${id} in ${overlap} s, for a new one?`);
      const body = { overlap_seconds: overlap };
      context.print(await context.operator('POST', `${keyPath(id)}/rotate`, body));
    });
  examples(rotate, 'operator-key rotate opk_… --overlap 3600');
  const revoke = keys
    .command('revoke <keyId>')
    .description('end an operator key; holds at once, and cannot be taken back')
    .action(async (id: string) => {
      await context.confirm(
        `End the operator key ${id}? Whoever sends with it is refused at once.`,
      );
      await context.operator('DELETE', keyPath(id));
      context.print({ revoked: id });
    });
  examples(revoke, 'operator-key revoke opk_…');
}

const keyPath = (id: string): string => `/keys/${encodeURIComponent(id)}`;
