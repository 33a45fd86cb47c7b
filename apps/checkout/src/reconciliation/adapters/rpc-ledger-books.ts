import {
  PAYMENT_ENTRIES,
  PAYMENT_ENTRIES_PAGE_MAX,
  rpcClient,
  WALLETS,
  type Client,
  type PaymentEntriesPage,
  type PaymentReference,
  type Transport,
} from '@orbit/contracts';
import { requireAmount } from '@orbit/money';
import type { LedgerBooks } from '../application/reconcile-ports.js';
import type { LedgerTotals } from '../domain/reconcile.js';

/** The side of the ledger in the comparison with Stripe. Errors: unavailable, timeout. */
export class RpcLedgerBooks implements LedgerBooks {
  private readonly entries: Client<typeof PAYMENT_ENTRIES>;
  private readonly wallets: Client<typeof WALLETS>;

  constructor(ledger: Transport) {
    this.entries = rpcClient(PAYMENT_ENTRIES, ledger);
    this.wallets = rpcClient(WALLETS, ledger);
  }

  async references(
    sinceMs: number,
  ): Promise<readonly (PaymentReference & { readonly bookedAtMs: number })[]> {
    const all: (PaymentReference & { readonly bookedAtMs: number })[] = [];
    const since = new Date(sinceMs).toISOString();
    for (let after: string | null = null; ;) {
      const query = { since, limit: PAYMENT_ENTRIES_PAGE_MAX };
      const page: PaymentEntriesPage = await this.entries.list(
        after === null ? query : { ...query, after },
      );
      for (const { booked_at, ...reference } of page.entries)
        all.push({ ...reference, bookedAtMs: Date.parse(booked_at) });
      if (page.after === null) return all;
      after = page.after;
    }
  }

  async totals(references: readonly PaymentReference[]): Promise<LedgerTotals> {
    const totals = await this.entries.totals({ references });
    return new Map(
      totals.map(({ reference, amount, held, at_stripe }) => [
        reference,
        {
          micros: requireAmount(amount),
          heldMicros: requireAmount(held),
          atStripeMicros: requireAmount(at_stripe),
        },
      ]),
    );
  }

  async pause(organizationId: string, currency: string): Promise<void> {
    const wallet = { organization_id: organizationId, currency };
    await this.wallets.pause({ ...wallet, paused: true });
  }
}
