import type { Micros } from '@orbit/money';
import type { DisputeSnapshot } from './clawbacks.js';
import type { MoneyFacts } from '../../topups/domain/topup-state.js';

/**
 * The states of a dispute: `inquiry` (the bank only asks; no money moves) → `inquiry_closed`, or it becomes a dispute:
 * `open` → `won` | `lost`. It only rises; what is decided stays decided.
 */
export const DISPUTE_RANKS = { inquiry: 0, inquiry_closed: 1, open: 2, won: 3, lost: 3 } as const;
export type DisputeState = keyof typeof DISPUTE_RANKS;

export interface Dispute {
  /** Stripe's. */
  readonly id: string;
  readonly organizationId: string;
  readonly topupId: string;
  readonly paymentIntentId: string;
  readonly amountMinor: bigint;
  /** In the unit of the wallet. */
  readonly amountMicros: Micros;
  /** The payment's. */
  readonly currency: string;
  /** The wallet's. */
  readonly unit: string;
  readonly reason: string;
  readonly state: DisputeState;
  readonly feeMinor: bigint;
  readonly evidenceDueAtMs: number | null;
  /** The last of its facts that was written for the ledger. */
  readonly published: 'opened' | 'closed' | null;
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
}

export const isDisputeState = (text: string): text is DisputeState =>
  Object.hasOwn(DISPUTE_RANKS, text);

/** Maps Stripe's status of a dispute; an unknown status counts as open: better held than spent. */
export function stateOfDispute(status: string): DisputeState {
  if (status === 'won' || status === 'lost') return status;
  if (status === 'warning_closed' || status === 'prevented') return 'inquiry_closed';
  return status.startsWith('warning_') ? 'inquiry' : 'open';
}

/** The dispute as what Stripe shows makes it; the same object when that says nothing new. */
export function raiseDispute(
  dispute: Dispute,
  seen: DisputeSnapshot,
  amountMicros: Micros,
  nowMs: number,
): Dispute {
  const shown = stateOfDispute(seen.status);
  const rises = DISPUTE_RANKS[shown] > DISPUTE_RANKS[dispute.state];
  const state = rises ? shown : dispute.state;
  // An older picture than the one we know.
  if (shown !== state) return dispute;
  const isOver = state === 'won' || state === 'lost' || state === 'inquiry_closed';
  const isSame =
    state === dispute.state &&
    seen.feeMinor === dispute.feeMinor &&
    seen.evidenceDueAtMs === dispute.evidenceDueAtMs &&
    (dispute.published !== null || seen.amountMinor === dispute.amountMinor);
  if (isSame) return dispute;
  return {
    ...dispute,
    state,
    reason: seen.reason,
    feeMinor: seen.feeMinor,
    evidenceDueAtMs: seen.evidenceDueAtMs,
    // An amount that the ledger has booked stays as it is.
    ...(dispute.published === null ? { amountMinor: seen.amountMinor, amountMicros } : {}),
    closedAtMs: isOver ? (dispute.closedAtMs ?? nowMs) : null,
  };
}

/** The facts that the ledger has not been sent yet, in their order. */
export function unpublishedOfDispute({
  state,
  published: published,
}: Dispute): readonly ('opened' | 'closed')[] {
  const isDecided = state === 'won' || state === 'lost';
  if (!isDecided && state !== 'open') return [];
  if (published === null) return isDecided ? ['opened', 'closed'] : ['opened'];
  return isDecided && published === 'opened' ? ['closed'] : [];
}

/** The combined state of all disputes of a payment. */
export function disputeFact(disputes: readonly Dispute[]): MoneyFacts['dispute'] {
  for (const state of ['lost', 'open', 'won'] as const) {
    if (disputes.some((dispute) => dispute.state === state)) return state;
  }
  return 'none';
}
