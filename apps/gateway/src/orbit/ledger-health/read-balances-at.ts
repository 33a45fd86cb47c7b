import type { BalanceAt } from '@orbit/contracts';
import type { LedgerProofs } from '../explain/explain-ports.js';

export interface BalancesAtRequest {
  readonly at: string;
  readonly organization_id?: string;
  readonly currency?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** What the books said at a past instant, a page at a time. */
export class ReadBalancesAt {
  constructor(private readonly proofs: LedgerProofs) {}

  /** Errors: invalid_field. */
  async run(
    request: BalancesAtRequest,
  ): Promise<{ at: string; balances: readonly BalanceAt[]; cursor: string | null }> {
    const { cursor, ...query } = request;
    const page = await this.proofs.balancesAt(
      cursor === undefined ? query : { ...query, after: cursor },
    );
    return { at: page.at, balances: page.balances, cursor: page.after };
  }
}
