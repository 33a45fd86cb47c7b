import {
  WALLET_RPC,
  type TransactionPage,
  type WalletMovementsQuery,
  type WalletMovementsView,
} from '@orbit/contracts';
import { formatAmount, requireAmount, type Currency, type Micros } from '@orbit/money';
import type { Rpc } from '../../topups/adapters/rpc.js';
import type { LedgerReader, Movements, MovementsQuery } from '../application/auto-reload-ports.js';

const PAGE_SIZE = 100;

export class RpcLedgerReader implements LedgerReader {
  constructor(private readonly rpc: Rpc) {}

  async readMovements(
    organizationId: string,
    currency: Currency,
    { threshold, afterSequence, fromMs }: MovementsQuery,
  ): Promise<Movements | null> {
    const query: WalletMovementsQuery = {
      organization_id: organizationId,
      currency,
      threshold: formatAmount(threshold, currency),
      ...(afterSequence === null
        ? { from: new Date(fromMs).toISOString() }
        : { after_sequence: String(afterSequence) }),
    };
    const view = await this.rpc.call<WalletMovementsView | null>(WALLET_RPC.movements, query);
    if (view === null) return null;
    const { balance, sequence, spent_sequence: spent, taken } = view;
    return {
      balanceMicros: requireAmount(balance),
      sequence: BigInt(sequence),
      spentSequence: spent === null ? null : BigInt(spent),
      taken: taken && { reason: taken.reason, reference: taken.reference },
    };
  }

  async listTopUpReferences(
    organizationId: string,
    currency: Currency,
    fromMs: number,
  ): Promise<ReadonlySet<string>> {
    const query = {
      organization_id: organizationId,
      currency,
      limit: PAGE_SIZE,
      type: 'topup',
      from: new Date(fromMs).toISOString(),
    };
    const references = new Set<string>();
    let afterId: string | undefined;
    for (;;) {
      const page: TransactionPage = await this.rpc.call(WALLET_RPC.listTransactions, {
        ...query,
        ...(afterId === undefined ? {} : { after_id: afterId }),
      });
      for (const { reference } of page.transactions) references.add(reference);
      afterId = page.transactions.at(-1)?.id;
      if (!page.has_more || afterId === undefined) return references;
    }
  }

  async setLowBalance(
    organizationId: string,
    currency: Currency,
    threshold: Micros,
  ): Promise<void> {
    await this.rpc.call('wallet.configure', {
      organization_id: organizationId,
      currency,
      low_balance_threshold: formatAmount(threshold, currency),
    });
  }
}
