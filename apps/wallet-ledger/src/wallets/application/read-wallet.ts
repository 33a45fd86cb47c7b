import { allowanceChargeId } from '@orbit/allowances';
import {
  unknownCursor,
  type BookedCharge,
  type ChargeOutcomeView,
  type TransactionListQuery,
  type TransactionPage,
  type WalletView,
} from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import { formatAmount, isCurrency, type Currency } from '@orbit/money';
import { parseEntryId } from '../../books/domain/identifiers.js';
import { spentOf } from '../../books/domain/entry-kinds.js';
import type { Entry } from '../../books/domain/wallet.js';
import { heldOf } from '../../charges/domain/held.js';
import type { WalletKey, WalletReader } from '../../books/application/ports.js';
import {
  postedView,
  rejectedView,
  totalMicros,
  transactionView,
  walletView,
} from '../../books/application/wallet-views.js';

/** Queries of other services. Reads only. */
export class ReadWallet {
  constructor(
    private readonly reader: WalletReader,
    private readonly clock: Clock,
  ) {}

  async read(key: WalletKey): Promise<WalletView | null> {
    const record = await this.reader.find(key);
    return record && walletView(record, this.clock.nowMs());
  }

  /** Newest first; stable while entries are added, because the cursor is a sequence number. */
  async listTransactions(query: TransactionListQuery): Promise<TransactionPage> {
    const { currency } = query;
    invariant(isCurrency(currency), 'the contract takes units alone');
    const after = query.after_id === undefined ? null : parseEntryId(query.after_id);
    const key = { organizationId: query.organization_id, currency };
    if (query.after_id !== undefined && (!after || !(await this.reader.hasEntry(key, after))))
      throw unknownCursor();
    const rows = await this.reader.listEntries(key, {
      limit: query.limit + 1,
      beforeSequence: after?.sequence ?? null,
      type: query.type ?? null,
      channel: query.channel ?? null,
      fromMs: query.from === undefined ? null : Date.parse(query.from),
      toMs: query.to === undefined ? null : Date.parse(query.to),
    });
    const page = rows.slice(0, query.limit);
    return {
      transactions: page.map(({ entry, expiresAtMs, refundedAtMs }) =>
        transactionView(entry, currency, expiresAtMs, refundedAtMs),
      ),
      has_more: rows.length > query.limit,
    };
  }

  /** The ledger's decision about a charge; null when it has made none, or when it is another organization's. */
  async readCharge(organizationId: string, chargeId: string): Promise<ChargeOutcomeView | null> {
    const found = await this.reader.findCharge(organizationId, chargeId);
    if (found?.outcome.status === 'booked') {
      return bookedView(chargeId, found.currency, found.outcome.entries, false);
    }
    // Captured in part, and the plan paid all of that: then nothing is booked under its own id.
    const partId = allowanceChargeId(chargeId);
    const part = partId === null ? null : await this.reader.findCharge(organizationId, partId);
    if (part?.outcome.status === 'booked') {
      return bookedView(chargeId, part.currency, part.outcome.entries, true);
    }
    if (found?.outcome.status !== 'rejected') return null;
    const { amountMicros, reason } = found.outcome.rejection;
    return rejectedView(chargeId, found.currency, amountMicros, reason);
  }
}

function bookedView(
  chargeId: string,
  currency: Currency,
  entries: readonly Entry[],
  isPlanPart: boolean,
): ChargeOutcomeView {
  const view = postedView(chargeId, currency, entries);
  const spent = spentOf(entries);
  const amountMicros = totalMicros(spent);
  const [first] = spent;
  const heldMicros = heldOf(first?.authorizedBy ?? null, amountMicros) ?? amountMicros;
  const booked: BookedCharge = {
    channel: first?.channel ?? 'unknown',
    quantity: first?.quantity ?? 1,
    metadata: first?.metadata ?? {},
    authorized: formatAmount(heldMicros, currency),
    is_plan_part: isPlanPart,
  };
  return { ...view, booked };
}
