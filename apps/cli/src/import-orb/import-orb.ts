import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { OrbitCliError, UsageError } from '../cli/faults.js';
import { examples } from '../cli/frame.js';
import { readStack } from '../cli/stack-file.js';
import type { Outcome } from './import-account.js';
import type { OrbAccountState } from './read-account.js';

interface Options {
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly accountKey?: string;
  readonly dryRun?: boolean;
}

/** `orbit import orb`: what a team has at Orb, brought over through Orb's own API. */
export function register(program: Command, context: Context): void {
  const group = program.command('import').description('bring over what you have elsewhere');
  const orb = group
    .command('orb')
    .summary('bring an account of Orb over')
    .description(
      `Read an account of Orb through its API (items, metrics, prices, plans, customers, subscriptions, credits), show what
would be made, ask, and make it here under the same external ids. Again, it makes only what is missing. Subscriptions
begin with their current period; what Orb has billed of it in advance becomes void here. Then the next invoices of both
are printed beside each other. Events are not read, since Orb's API does not list them: send them to both for a period.`,
    )
    .requiredOption('--base-url <url>', "address of Orb's API, with /v1")
    .option('--api-key <key>', 'its key; better in the environment, as ORB_API_KEY')
    .option(
      '--account-key <key>',
      'key of the account here, or ORBIT_ACCOUNT_KEY; default: the live account of this stack',
    )
    .option('--dry-run', 'only show what would be made')
    .action((options: Options) => run(context, options));
  examples(
    orb,
    'import orb --base-url https://api.withorb.com/v1 --dry-run',
    'import orb --base-url https://api.withorb.com/v1 --yes --json',
  );
}

async function run(context: Context, options: Options): Promise<void> {
  const { OrbClient } = await import('./orb-client.js');
  const { ImportAccount } = await import('./import-account.js');
  const { readAccount } = await import('./read-account.js');
  const { compareUpcoming } = await import('./compare-upcoming.js');
  const apiKey = options.apiKey ?? context.env['ORB_API_KEY'];
  if (!apiKey) throw new UsageError("Orb's key is missing: set ORB_API_KEY, or give --api-key.");
  if (!/^https?:\/\//.test(options.baseUrl) || !URL.canParse(options.baseUrl)) {
    throw new UsageError('--base-url is an address such as https://api.withorb.com/v1.');
  }
  const signal = context.interruption;
  const from = new OrbClient(options.baseUrl.replace(/\/+$/, ''), apiKey, signal);
  const to = new OrbClient(
    `${context.address('gatewayUrl')}/v1`,
    accountKey(context, options),
    signal,
  );
  const nowMs = await timeOf(to);

  context.say('Reading both accounts …');
  const source = await readAccount(from, (what, count) => context.say(`  ${what}: ${count}`));
  const target = await readAccount(to, () => undefined);
  requireTwo(source, target, options.baseUrl);
  const parts = { from, to, nowMs };
  const plan = new ImportAccount({ ...parts, isApplied: false, onDone: () => undefined });
  await plan.run(source, target);
  const found = summary(plan.outcomes);
  const isDone = plan.outcomes.every(({ outcome }) => outcome !== 'made');
  if (options.dryRun) return context.print(found);
  context.say(`${toText(found)}\n`);
  if (!isDone) await context.confirm('Make this here?');

  const progress = context.progress('objects', plan.outcomes.length);
  const done = new ImportAccount({ ...parts, isApplied: true, onDone: () => progress.advance() });
  await done.run(source, target);
  progress.finish();
  const living = source.subscriptions.filter((one) => one['status'] !== 'ended');
  const invoices = context.progress('next invoices', living.length);
  const pairs = await compareUpcoming(from, to, living, done.ids, () => invoices.advance());
  invoices.finish();
  if (pairs.some(({ difference }) => Number(difference ?? 0) !== 0)) context.finding();
  const { by_hand: byHand, objects } = summary(done.outcomes);
  context.print({ objects, by_hand: byHand, upcoming_invoices: pairs });
}

/** Reading from and writing to one account would double it. */
function requireTwo(source: OrbAccountState, target: OrbAccountState, baseUrl: string): void {
  const here = new Set([...target.customers, ...target.items].map(({ id }) => id));
  if (![...source.customers, ...source.items].some(({ id }) => here.has(id))) return;
  const message = `${baseUrl} is the account that would be written to. Give another --account-key.`;
  throw new OrbitCliError(message);
}

/** A test account may live in another time than ours. */
async function timeOf(to: { find(path: string): Promise<object | null> }): Promise<number> {
  try {
    const clock = (await to.find('/test_clock')) as { readonly now?: string } | null;
    return clock?.now === undefined ? Date.now() : Date.parse(clock.now);
  } catch (error) {
    // A live account has no clock that could be moved.
    if (error instanceof OrbitCliError) return Date.now();
    throw error;
  }
}

function accountKey(context: Context, options: Options): string {
  const named = options.accountKey ?? context.env['ORBIT_ACCOUNT_KEY'];
  if (named) return named;
  const { orbAccounts } = readStack(context.home, 'ORBIT_ACCOUNT_KEY');
  const accounts = (orbAccounts ?? []) as readonly {
    readonly mode: string;
    readonly api_key: string;
  }[];
  const live = accounts.find(({ mode }) => mode === 'live');
  if (!live) throw new OrbitCliError('This stack shows no live account. Set ORBIT_ACCOUNT_KEY.');
  return live.api_key;
}

function summary(outcomes: readonly Outcome[]) {
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))];
  const count = (kind: string, of: Outcome['outcome']): number =>
    outcomes.filter((one) => one.kind === kind && one.outcome === of).length;
  const objects = kinds.map((kind) => ({
    kind,
    made: count(kind, 'made'),
    there: count(kind, 'there'),
    by_hand: count(kind, 'by hand'),
  }));
  const byHand = outcomes
    .filter(({ outcome }) => outcome === 'by hand')
    .map(({ kind, id, name, why }) => ({ kind, id, name, why }));
  return { objects, by_hand: byHand };
}

const toText = ({ objects, by_hand: byHand }: ReturnType<typeof summary>): string =>
  [
    ...objects.map(
      (one) => `  ${one.kind}: ${one.made} to make, ${one.there} there, ${one.by_hand} by hand`,
    ),
    ...byHand.map((one) => `  by hand: ${one.kind} ${one.name} (${one.id}): ${one.why}`),
  ].join('\n');
