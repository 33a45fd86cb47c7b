import {
  OrbitError,
  unknownCursor,
  type BalancesAtPage,
  type BalancesAtQuery,
} from '@orbit/contracts';
import { formatAmount, micros } from '@orbit/money';
import type { ProofReader } from './explain-ports.js';

const LIMIT_MAX = 500;

/** The balances of the books at a past instant. */
export class BalanceAt {
  constructor(private readonly reader: ProofReader) {}

  /** By wallet number. Errors: invalid_field. */
  async run(query: BalancesAtQuery): Promise<BalancesAtPage> {
    const atMs = Date.parse(query.at);
    if (Number.isNaN(atMs)) {
      throw new OrbitError('invalid_field', 'at is an ISO 8601 instant.', { param: 'at' });
    }
    if (query.after !== undefined && !/^\d{1,18}$/.test(query.after)) throw unknownCursor();
    const after = query.after === undefined ? null : BigInt(query.after);
    const limit = Math.min(Math.max(query.limit, 1), LIMIT_MAX);
    // The wallet that the page before ended with is read too: it proves that the cursor is one.
    const rows = await this.reader.readBalancesAt({
      atMs,
      organizationId: query.organization_id ?? null,
      currency: query.currency ?? null,
      afterWalletNo: after === null ? 0n : after - 1n,
      limit: limit + (after === null ? 1 : 2),
    });
    if (after !== null && rows[0]?.walletNo !== after) throw unknownCursor();
    const found = after === null ? rows : rows.slice(1);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      at: new Date(atMs).toISOString(),
      balances: page.map((wallet) => ({
        organization_id: wallet.organizationId,
        wallet_id: wallet.walletId,
        currency: wallet.currency,
        balance: formatAmount(micros(wallet.balanceMicros), wallet.currency),
        sequence: String(wallet.sequence),
        last_entry_at:
          wallet.lastEntryAtMs === null ? null : new Date(wallet.lastEntryAtMs).toISOString(),
      })),
      after: found.length > limit && last ? String(last.walletNo) : null,
    };
  }
}
