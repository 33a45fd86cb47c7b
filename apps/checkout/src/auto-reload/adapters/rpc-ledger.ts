import {
  CORRECTIONS,
  rpcClient,
  TRANSACTIONS,
  WALLETS,
  type Client,
  type TransactionPage,
  type Transport,
  type WalletMovementsQuery,
} from '@orbit/contracts';
import { formatAmount, requireAmount, type Currency, type Micros } from '@orbit/money';
import type { LedgerReader, Movements, MovementsQuery } from '../application/auto-reload-ports.js';

const PAGE_SIZE = 100;

/** Balances as wallet-ledger books them. Errors: unavailable, timeout. */
export class RpcLedgerReader implements LedgerReader {
  private readonly ledger: Client<typeof WALLETS & typeof TRANSACTIONS & typeof CORRECTIONS>;

  constructor(ledger: Transport) {
    this.ledger = rpcClient({ ...WALLETS, ...TRANSACTIONS, ...CORRECTIONS }, ledger);
  }

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
    const view = await this.ledger.movements(query);
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
      type: 'topup' as const,
      from: new Date(fromMs).toISOString(),
    };
    const references = new Set<string>();
    let afterId: string | undefined;
    for (;;) {
      const page: TransactionPage = await this.ledger.list({
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
    await this.ledger.configure({
      organization_id: organizationId,
      currency,
      low_balance_threshold: formatAmount(threshold, currency),
    });
  }
}
