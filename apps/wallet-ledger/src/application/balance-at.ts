import { OrbitError, type BalancesAtPage, type BalancesAtQuery } from '@orbit/contracts';
import { formatMicros, micros } from '@orbit/money';
import type { ProofReader } from './explain-ports.js';

const LIMIT_MAX = 500;

/** What the books said at a past instant. */
export class BalanceAt {
  constructor(private readonly reader: ProofReader) {}

  /** By wallet number. Errors: invalid_field. */
  async run(query: BalancesAtQuery): Promise<BalancesAtPage> {
    const atMs = Date.parse(query.at);
    if (Number.isNaN(atMs)) {
      throw new OrbitError('invalid_field', 'at is an ISO 8601 instant.', { param: 'at' });
    }
    if (query.after !== undefined && !/^\d{1,18}$/.test(query.after)) {
      throw new OrbitError('invalid_field', 'cursor is one that was answered.', {
        param: 'cursor',
      });
    }
    const limit = Math.min(Math.max(query.limit, 1), LIMIT_MAX);
    const found = await this.reader.readBalancesAt({
      atMs,
      organizationId: query.organization_id ?? null,
      currency: query.currency ?? null,
      afterWalletNo: BigInt(query.after ?? 0),
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      at: new Date(atMs).toISOString(),
      balances: page.map((wallet) => ({
        organization_id: wallet.organizationId,
        wallet_id: wallet.walletId,
        currency: wallet.currency,
        balance: formatMicros(micros(wallet.balanceMicros)),
        sequence: String(wallet.sequence),
        last_entry_at:
          wallet.lastEntryAtMs === null ? null : new Date(wallet.lastEntryAtMs).toISOString(),
      })),
      after: found.length > limit && last ? String(last.walletNo) : null,
    };
  }
}
