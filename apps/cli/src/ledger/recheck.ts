import type { Context } from '../cli/context.js';
import { organizationPath } from '../cli/frame.js';

export interface RecheckOptions {
  readonly currency?: string;
  readonly clear?: boolean;
}

interface Checked {
  readonly wallets: readonly { readonly breaches: readonly object[] }[];
}

/** `orbit ledger recheck`. */
export async function recheckWallet(
  context: Context,
  id: string,
  { currency, clear = false }: RecheckOptions,
): Promise<void> {
  const route = organizationPath(id, '/reconciliation');
  const body = { clear, ...(currency === undefined ? {} : { currency }) };
  const checked = (await context.operator('POST', route, body)) as Checked;
  if (checked.wallets.some(({ breaches }) => breaches.length > 0)) context.finding();
  context.print(
    context.options().json
      ? checked
      : checked.wallets.flatMap(({ breaches, ...wallet }) =>
          breaches.length === 0 ? [wallet] : breaches.map((breach) => ({ ...wallet, ...breach })),
        ),
  );
}
