import {
  PAYMENT_ENTRIES_RPC,
  WALLET_RPC,
  type PaymentEntriesPage,
  type PaymentReference,
  type PaymentTotal,
} from '@orbit/contracts';
import { requireAmount } from '@orbit/money';
import type { LedgerBooks } from '../application/reconcile-ports.js';
import type { LedgerTotals } from '../domain/reconcile.js';
import type { Rpc } from '../../topups/adapters/rpc.js';

const PAGE_SIZE = 1_000;

export class RpcLedgerBooks implements LedgerBooks {
  constructor(private readonly rpc: Rpc) {}

  async references(
    sinceMs: number,
  ): Promise<readonly (PaymentReference & { readonly bookedAtMs: number })[]> {
    const all: (PaymentReference & { readonly bookedAtMs: number })[] = [];
    const since = new Date(sinceMs).toISOString();
    for (let after: string | null = null; ;) {
      const query = { since, limit: PAGE_SIZE, ...(after === null ? {} : { after }) };
      const page: PaymentEntriesPage = await this.rpc.call(PAYMENT_ENTRIES_RPC.list, query);
      for (const { booked_at, ...reference } of page.entries)
        all.push({ ...reference, bookedAtMs: Date.parse(booked_at) });
      if (page.after === null) return all;
      after = page.after;
    }
  }

  async totals(references: readonly PaymentReference[]): Promise<LedgerTotals> {
    const totals = await this.rpc.call<readonly PaymentTotal[]>(PAYMENT_ENTRIES_RPC.totals, {
      references,
    });
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
    await this.rpc.call(WALLET_RPC.pause, { ...wallet, paused: true });
  }
}
