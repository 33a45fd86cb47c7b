import type { Context } from '../cli/context.js';
import { OrbitCliError } from '../cli/faults.js';

export interface BalanceOptions {
  /** An instant in UTC. */
  readonly at: string;
  readonly organization?: string;
  readonly currency?: string;
}

interface BalancePage {
  readonly balances: readonly object[];
  readonly cursor: string | null;
}

/** `orbit balance`. */
export async function showBalances(context: Context, options: BalanceOptions): Promise<void> {
  const found = await readBalances(context, options);
  if (found.length === 0) throw new OrbitCliError('There is no such wallet.');
  context.print(found);
}

/** Balances at a past instant, page by page from the operator API. */
async function readBalances(
  context: Context,
  { at, organization, currency }: BalanceOptions,
): Promise<object[]> {
  const balances: object[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ at });
    if (organization !== undefined) query.set('organization_id', organization);
    if (currency !== undefined) query.set('currency', currency);
    if (cursor !== null) query.set('cursor', cursor);
    const route = `/ledger/balances?${query.toString()}`;
    const page = (await context.operator('GET', route)) as BalancePage;
    balances.push(...page.balances);
    cursor = page.cursor;
  } while (cursor !== null);
  return balances;
}
