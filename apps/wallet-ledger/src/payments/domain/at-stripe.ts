import { invariant } from '@orbit/kernel';
import { micros, type Micros } from '@orbit/money';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Entry, EntryType } from '../../books/domain/wallet.js';

/*
 * The balance of stripe_clearing is, with its sign turned, what Stripe has of us (docs/decisions/0011).
 * Money that Stripe takes for a refund, a dispute or a fee is a movement of its own, beside what the wallet
 * gives: from the account that waits for the wallet (or from dispute_fees) to stripe_clearing, and back
 * when Stripe gives it back. It passes the wallet by.
 *
 *   refund    taken when Stripe has begun to pay it out, given back when it fails
 *   dispute   taken when it opens, given back when it is won
 *   fee       taken when the dispute opens; what is kept in the end is known when it closes
 */

const TYPE_BY_ACCOUNT = {
  refunds: 'refund',
  disputes: 'dispute',
  dispute_fees: 'fee',
} as const satisfies Partial<Record<Entry['from'], EntryType>>;

export interface TakenByStripe {
  readonly account: keyof typeof TYPE_BY_ACCOUNT;
  /** "refund:<id>", "dispute:<id>" or "dispute_fee:<id>". */
  readonly subject: string;
  /** All that Stripe has taken for it by now. */
  readonly takenMicros: Micros;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const beginOf = (subject: string): string => `stripe:${subject}`;
const endOf = (subject: string): string => `stripe_end:${subject}`;

/** Lookups that `bookAtStripe` needs. */
export const stripeReferences = (...subjects: readonly string[]): string[] =>
  subjects.flatMap((subject) => [beginOf(subject), endOf(subject)]);

export const feeSubject = (disputeId: string): string => `dispute_fee:${disputeId}`;

/** Books the difference to what was booked before: nothing, when it is known already. */
export function bookAtStripe(
  draft: WalletDraft,
  { account, subject, takenMicros, metadata }: TakenByStripe,
  context: { readonly nowMs: number; entriesOf(reference: string): readonly Entry[] },
): Entry[] {
  const begin = context.entriesOf(beginOf(subject));
  const end = context.entriesOf(endOf(subject));
  const difference = takenMicros - takenBy([...begin, ...end]);
  if (difference === 0n) return [];
  // Its end is the last word, and whoever knows it asks for nothing more.
  invariant(end.length === 0, `${subject} moves at Stripe when it begins and when it ends`);
  const isTaken = difference > 0n;
  return draft.book(
    [
      {
        type: TYPE_BY_ACCOUNT[account],
        from: isTaken ? account : 'stripe_clearing',
        to: isTaken ? 'stripe_clearing' : account,
        amountMicros: micros(isTaken ? difference : -difference),
        blockSequence: null,
        reference: begin.length === 0 ? beginOf(subject) : endOf(subject),
        slice: 0,
        channel: null,
        quantity: null,
        metadata,
        occurredAtMs: context.nowMs,
      },
    ],
    context.nowMs,
  );
}

const takenBy = (entries: readonly Entry[]): bigint =>
  entries.reduce(
    (sum, { to, amountMicros }) => sum + (to === 'stripe_clearing' ? amountMicros : -amountMicros),
    0n,
  );
