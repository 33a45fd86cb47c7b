import type { Context } from '../cli/context.js';
import { OrbitCliError } from '../cli/faults.js';
import { readHotBalance, readWallets, withHotBalance } from './wallet-reads.js';

export interface Shown {
  readonly currency?: string;
  readonly entries: number;
}

/** `orbit wallet show`: each wallet in the books and in Redis. */
export async function showWallets(
  context: Context,
  organizationId: string,
  { currency, entries }: Shown,
): Promise<void> {
  const client = await context.postgres();
  const known = await readWallets(client, organizationId, currency, 0);
  if (known.length === 0) {
    throw new OrbitCliError(`${organizationId} has no wallet${currency ? ` in ${currency}` : ''}.`);
  }
  for (const { row } of known) {
    // Redis first: it learns of a posting after the books, so whatever is posted meanwhile leaves it behind.
    const hot = await readHotBalance(context, row);
    const [wallet] = await readWallets(client, organizationId, row.currency, entries);
    if (wallet === undefined) throw new OrbitCliError(`${organizationId} has lost a wallet.`);
    const redis = await withHotBalance(hot, wallet);
    context.print({ ...wallet.view, redis });
    const older = olderEntries(wallet.rows);
    if (older > 0) context.say(`${older} older entries; raise --entries to see them.`);
    if (redis.state !== 'differs') continue;
    context.finding();
    context.say(`Redis and the ledger disagree about ${organizationId} ${wallet.view.currency}.`);
  }
}

/** Sequences have no gaps: what lies before the first shown is left off. */
function olderEntries(rows: readonly { readonly sequence: string }[]): number {
  const first = rows.at(-1);
  return first === undefined ? 0 : Number(first.sequence) - 1;
}
