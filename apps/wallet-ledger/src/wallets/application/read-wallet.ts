import {
  OrbitError,
  unknownCursor,
  type ChargeOutcomeView,
  type TransactionListQuery,
  type TransactionPage,
  type WalletView,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { isCurrency } from '@orbit/money';
import { parseEntryId } from '../../books/domain/identifiers.js';
import { ENTRY_TYPES, type EntryType } from '../../books/domain/wallet.js';
import { postedView, rejectedView } from '../../books/application/charge-outcome.js';
import type { WalletKey, WalletReader } from '../../books/application/ports.js';
import { transactionView, walletView } from '../../books/application/wallet-views.js';

const isEntryType = (type: string): type is EntryType => Object.hasOwn(ENTRY_TYPES, type);

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
    if (!isCurrency(currency)) {
      throw new OrbitError('unsupported_currency', `${currency} is not supported.`, {
        param: 'currency',
      });
    }
    if (query.type !== undefined && !isEntryType(query.type)) {
      const known = Object.keys(ENTRY_TYPES).join(', ');
      throw new OrbitError('invalid_field', `type is one of ${known}.`, { param: 'type' });
    }
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

  /** What the ledger decided about a charge; null when it has not, or when it is another organization's. */
  async readCharge(organizationId: string, chargeId: string): Promise<ChargeOutcomeView | null> {
    const found = await this.reader.findCharge(organizationId, chargeId);
    if (!found) return null;
    const { currency, outcome } = found;
    if (outcome.status === 'booked') return postedView(chargeId, currency, outcome.entries);
    const { amountMicros, reason } = outcome.rejection;
    return rejectedView(chargeId, currency, amountMicros, reason);
  }
}
