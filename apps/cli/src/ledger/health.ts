import type { Context } from '../cli/context.js';

interface Health {
  readonly status?: string;
  readonly breaches?: readonly { readonly wallet_id: string }[];
  readonly breach_count?: number;
}

/** `orbit ledger health`. */
export async function showHealth(context: Context): Promise<void> {
  const health = (await context.operator('GET', '/ledger/health')) as Health;
  if (health.status !== 'ok') context.finding();
  context.print(countLeftOff(health));
}

/** The ledger lists the breaches of the wallets that are frozen longest: says of how many wallets it does not. */
export function countLeftOff({
  breaches = [],
  breach_count: count = 0,
  ...health
}: Health): object {
  const listed = new Set(breaches.map(({ wallet_id: id }) => id)).size;
  const wallets_left_off = Math.max(0, count - listed);
  return { ...health, breach_count: count, wallets_left_off, breaches };
}
