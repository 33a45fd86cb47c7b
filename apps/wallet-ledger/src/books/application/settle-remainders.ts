import { Decimal } from '@orbit/pricing';
import {
  addedBy,
  remainderKey,
  settleRemainder,
  type PriceRemainder,
} from '../domain/price-remainder.js';
import { timesOf } from '../domain/times.js';
import type { WalletDraft } from '../domain/wallet-draft.js';
import type { BesideWrite, LedgerTransaction } from './ports.js';

/**
 * Carries what charges by price cost beyond whole micros, in the transaction that posts them. Two statements when a batch
 * has such charges, none when it has not. The fence of the wallet keeps two writers from one remainder.
 */
export async function settleRemainders(
  tx: Pick<LedgerTransaction, 'readRemainders'>,
  drafts: Iterable<WalletDraft>,
  realMs: number,
): Promise<readonly BesideWrite[]> {
  const added = [...drafts].flatMap((draft) => addedBy(draft).map((one) => ({ draft, one })));
  if (added.length === 0) return [];
  const before = new Map(
    (await tx.readRemainders(added.map(({ one }) => one))).map((kept) => [
      remainderKey(kept),
      kept.fraction,
    ]),
  );
  const after = added.map(({ draft, one }) => {
    const { accountMs } = timesOf(draft.settings, realMs);
    const fraction = before.get(remainderKey(one)) ?? Decimal.ZERO;
    return settleRemainder(draft, one, fraction, accountMs);
  });
  return [saveRemainders(after)];
}

const saveRemainders = (remainders: readonly PriceRemainder[]): BesideWrite => ({
  write: async (sql) => {
    await sql.query(
      `INSERT INTO wallet_ledger.price_remainder (wallet_no, price, fraction)
       SELECT * FROM unnest($1::bigint[], $2::text[], $3::numeric[])
       ON CONFLICT (wallet_no, price) DO UPDATE SET fraction = excluded.fraction`,
      [
        remainders.map(({ walletNo }) => walletNo),
        remainders.map(({ price }) => price),
        remainders.map(({ fraction }) => fraction.toString()),
      ],
    );
  },
});
