import { InvalidArgumentError, type Command } from 'commander';
import type { Context } from '../cli/context.js';
import { examples, group } from '../cli/frame.js';
import { toInstant } from '../cli/instants.js';
import { toJson } from '../cli/output.js';

interface Filters {
  readonly key?: string;
  readonly organization?: string;
  readonly account?: string;
  readonly request?: string;
  readonly route?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
}

const PAGE_SIZE_MAX = 200;

/** `orbit audit`: who changed what. */
export function register(program: Command, context: Context): void {
  const audit = group(program, 'audit', 'changes by operators, keys and accounts');
  const list = filtered(audit.command('list'))
    .description('the newest changes')
    .option('--limit <count>', `how many, at most ${PAGE_SIZE_MAX}`, toLimit, 50)
    .action(async ({ limit, ...filters }: Filters) => {
      const query = new URLSearchParams({ ...asQuery(filters), limit: String(limit) });
      context.print(await context.operator('GET', `/audit?${query.toString()}`));
    });
  examples(list, 'audit list', 'audit list --organization org_… --from 2026-05-16T00:00:00Z');
  const whole = filtered(audit.command('export'))
    .description('all changes, newest first, as a line of JSON each')
    .action(async (filters: Filters) => {
      context.hasPrinted = true;
      for await (const page of context.operatorPages('/audit', asQuery(filters))) {
        for (const record of page) context.stdout.write(`${toJson(record)}\n`);
      }
    });
  examples(whole, 'audit export > audit.ndjson', 'audit export --key opk_…');
}

const filtered = (command: Command): Command =>
  command
    .option('--key <keyId>', 'by this key')
    .option('--organization <organizationId>', 'of this organization')
    .option('--account <accountId>', 'of this account')
    .option('--request <requestId>', 'of this request')
    .option('--route <route>', 'of this route, or operation of /v1')
    .option('--from <time>', 'from this instant on', (text) => toInstant(text))
    .option('--to <time>', 'before this instant', (text) => toInstant(text));

const asQuery = (filters: Filters): Record<string, string> => {
  const named = {
    key_id: filters.key,
    organization_id: filters.organization,
    account_id: filters.account,
    request_id: filters.request,
    route: filters.route,
    from: filters.from,
    to: filters.to,
  };
  const given = Object.entries(named).filter((pair): pair is [string, string] => !!pair[1]);
  return Object.fromEntries(given);
};

function toLimit(text: string): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= PAGE_SIZE_MAX) return limit;
  throw new InvalidArgumentError(`It is a count from 1 to ${PAGE_SIZE_MAX}.`);
}
