import { invariant } from '@orbit/kernel';
import { micros, MICROS_MAX, ZERO_MICROS } from '@orbit/money';
import type { WalletDraft } from './wallet-draft.js';
import type { Account, Credit, Entry } from './wallet.js';

/** Where credit comes from. */
const SOURCES: Readonly<Record<Credit['type'], Account>> = {
  topup: 'stripe_clearing',
  grant: 'promo',
  adjustment: 'adjustments',
};

/**
 * The cost of one unit of it, in micros of a unit: paid credit its face, promotional credit nothing, unless it says.
 */
export const costBasisOf = ({ costBasisMicros, kind }: Credit): bigint =>
  costBasisMicros ?? (kind === 'paid' ? 1_000_000n : 0n);

/** Books credit as a new block; it first repays what the overdraft carried. */
export function bookCredit(
  draft: WalletDraft,
  credit: Credit,
  nowMs: number,
): Entry | 'balance_limit' {
  invariant(credit.amountMicros > 0n, 'a credit is positive');
  // The hot balance, which Redis counts in doubles, is the balance and its overdraft.
  const limitMicros = MICROS_MAX - draft.settings.overdraftMicros;
  if (draft.balance + credit.amountMicros > limitMicros) return 'balance_limit';
  const { debtMicros } = draft;
  const repaidMicros = debtMicros < credit.amountMicros ? debtMicros : credit.amountMicros;
  draft.addBlock({
    sequence: draft.nextSequence,
    kind: credit.kind,
    priority: credit.priority,
    costBasisMicros: costBasisOf(credit),
    amountMicros: credit.amountMicros,
    remainingMicros: micros(credit.amountMicros - repaidMicros),
    expiredMicros: ZERO_MICROS,
    repaidMicros: micros(repaidMicros),
    effectiveAtMs: credit.effectiveAtMs ?? nowMs,
    expiresAtMs: credit.expiresAtMs,
    createdAtMs: nowMs,
    voidedAtMs: null,
  });
  const [entry] = draft.book(
    [
      {
        type: credit.type,
        from: SOURCES[credit.type],
        to: 'wallet',
        amountMicros: credit.amountMicros,
        blockSequence: 'own',
        reference: credit.reference,
        slice: 0,
        channel: null,
        quantity: null,
        metadata: credit.metadata,
        occurredAtMs: credit.occurredAtMs,
      },
    ],
    nowMs,
  );
  invariant(entry, 'a credit is one entry');
  if (credit.type === 'topup') draft.patch({ lastToppedUpAtMs: nowMs });
  return entry;
}
