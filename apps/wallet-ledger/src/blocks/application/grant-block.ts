import { OrbitError, type TransactionView } from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import type { Credit } from '../../books/domain/wallet.js';
import { refusalError } from '../../books/application/change-wallet.js';
import type { PostBatch } from '../../books/application/post-batch.js';
import type { WalletKey } from '../../books/application/ports.js';
import { transactionView } from '../../books/application/wallet-views.js';

/** Credit by an operator: a block of its own, once per reference, through the same group commit as everything. */
export class GrantBlock {
  constructor(
    private readonly postBatch: PostBatch,
    private readonly clock: Clock,
  ) {}

  async run(key: WalletKey, grant: Omit<Credit, 'occurredAtMs'>): Promise<TransactionView> {
    if (grant.amountMicros <= 0n) {
      throw new OrbitError('invalid_field', 'amount is positive.', { param: 'amount' });
    }
    const credit = { ...grant, occurredAtMs: this.clock.nowMs() };
    const [result] = await this.postBatch.run([{ kind: 'credit', key, credit }], 'grant');
    if (result?.status === 'refused') {
      throw refusalError(result.reason);
    }
    invariant(result?.status === 'booked', 'a grant is booked or refused');
    const [entry] = result.entries;
    invariant(entry, 'a grant is one entry');
    return transactionView(entry, key.currency, credit.expiresAtMs);
  }
}
