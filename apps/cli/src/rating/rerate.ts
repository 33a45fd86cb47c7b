import fs from 'node:fs';
import type { Command } from 'commander';
import type { ReadyCard } from '@orbit/contracts';
import type { Context } from '../cli/context.js';
import { Interrupted, OrbitCliError, UsageError } from '../cli/faults.js';
import { examples } from '../cli/frame.js';
import { toInstant } from '../cli/instants.js';
import type { FoundCharge } from './booked-charges.js';

interface Options {
  readonly since: string;
  readonly until: string;
  readonly rateCard: string;
  readonly diff?: boolean;
  readonly organization?: string;
  readonly account?: string;
}

/** `orbit rerate`: what charges by price would have cost by another card. */
export function register(program: Command, context: Context): void {
  const rerate = program
    .command('rerate')
    .summary('what charges by price would have cost by another rate card')
    .description(
      `Rate the charges by price of a period again by the rate card in a file, and print the exact difference. Nothing
is written. The file is what PUT rate-card takes ({"prices": {…}}): the account's card, which leaves prices that an
organization has of its own; with --organization that organization's. The same card prints 0.`,
    )
    .requiredOption('--since <instant>', 'charges that were booked from then on (-30d, 2026-05-01)')
    .option('--until <instant>', 'and before then', 'now')
    .requiredOption('--rate-card <file>', 'the card, as JSON')
    .option('--diff', 'one row per organization; without it one per currency')
    .option('--organization <id>', 'charges of this organization alone')
    .option('--account <id>', 'charges of this account alone')
    .action((options: Options) => run(context, options));
  examples(
    rerate,
    'rerate --since -30d --rate-card next-month.json --diff',
    'rerate --since 2026-05-01 --until 2026-06-01 --rate-card card.json --diff --json',
  );
}

async function run(context: Context, options: Options): Promise<void> {
  const { Rerating, totalsOf } = await import('./rerating.js');
  const { countEntries, readCharges } = await import('./booked-charges.js');
  const nowMs = Date.now();
  const period = {
    since: toInstant(options.since, nowMs),
    until: toInstant(options.until, nowMs),
    organization: options.organization ?? null,
    account: options.account ?? null,
  };
  if (period.since >= period.until) throw new UsageError('--since is not before --until.');
  const card = await readCard(options.rateCard);
  const client = await context.postgres();
  const rerating = new Rerating(card);
  const progress = context.progress('entries', await countEntries(client, period));
  const own = await ownPrices(context, period.organization !== null);
  for await (const charge of readCharges(client, period, (count) => progress.advance(count))) {
    rerating.add(charge, await own(charge));
    if (context.interruption.aborted) throw new Interrupted('Interrupted. Nothing was changed.');
  }
  progress.finish();
  const rows = rerating.rows();
  context.print(options.diff ? rows : totalsOf(rows));
}

/** Whether a charge was rated by its organization's own price. Cards never change, so each is read once. */
async function ownPrices(
  context: Context,
  isOwnCard: boolean,
): Promise<(charge: FoundCharge) => Promise<boolean>> {
  if (isOwnCard) return () => Promise.resolve(false);
  const { readOwnPrices } = await import('./booked-charges.js');
  // Of its own: the other connection stands in its cursor.
  const client = await context.postgres();
  const known = new Map<string, ReadonlySet<string>>();
  return async (charge) => {
    const { orbit_card: card, orbit_price: price } = charge.metadata;
    const version = typeof card === 'string' ? Number(card.split('.')[1] ?? 0) : 0;
    if (!Number.isSafeInteger(version) || version <= 0 || version > 2 ** 31 - 1) return false;
    const key = `${charge.accountId} ${charge.organizationId} ${version}`;
    const names = known.get(key) ?? (await readOwnPrices(client, charge, version));
    known.set(key, names);
    return typeof price === 'string' && names.has(price);
  };
}

async function readCard(file: string): Promise<ReadyCard> {
  const { readCardPrices } = await import('@orbit/pricing');
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    throw new OrbitCliError(`${file} is no JSON that can be read: ${(error as Error).message}`);
  }
  const isBody = typeof value === 'object' && value !== null && 'prices' in value;
  const { prices, faults } = readCardPrices(isBody ? (value as { prices: unknown }).prices : value);
  const [fault] = faults;
  if (fault) throw new OrbitCliError(`${file}: ${fault.path} ${fault.message}.`);
  return { version: 'file', prices };
}
