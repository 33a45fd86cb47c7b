import {
  ratingOf,
  type ChargeExplanation,
  type ShownExplanation,
  type UndecidedStatus,
} from '@orbit/contracts';
import { formatAmount, type Currency, type Micros } from '@orbit/money';
import type { DecidedChargeView } from '../../edge/requests/charge-view.js';

/** Facts of a charge that the ledger has not decided. */
export interface UndecidedState {
  readonly state: 'held' | 'captured' | 'released' | 'expired' | 'posted' | 'rejected';
  readonly authorizationId: string;
  readonly amountMicros: Micros;
  readonly currency: Currency;
  readonly occurredAtMs: number;
  readonly channel: string;
  readonly quantity: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface UndecidedChargeView {
  readonly charge_id: string;
  readonly status: UndecidedStatus;
  readonly amount: string;
  readonly currency: string;
  readonly authorization_id: string;
}

export type ChargeView = DecidedChargeView | UndecidedChargeView;

function statusOf({ state }: UndecidedState): UndecidedStatus {
  switch (state) {
    case 'held':
      return 'authorized';
    case 'released':
    case 'expired':
      return state;
    // The ledger decided it in the moment between two questions: asked again, it answers.
    case 'captured':
    case 'posted':
    case 'rejected':
      return 'accepted';
  }
}

export function undecidedCharge(chargeId: string, state: UndecidedState): UndecidedChargeView {
  return {
    charge_id: chargeId,
    status: statusOf(state),
    amount: formatAmount(state.amountMicros, state.currency),
    currency: state.currency,
    authorization_id: state.authorizationId,
  };
}

/** The ledger's explanation, with the hold it came from where Redis still knows it. */
export function decidedExplanation(
  explanation: ChargeExplanation,
  state: UndecidedState | null,
): ShownExplanation {
  const { authorization } = explanation;
  const authorization_id = authorization.authorization_id ?? state?.authorizationId ?? null;
  return { ...explanation, authorization: { ...authorization, authorization_id } };
}

export function undecidedExplanation(chargeId: string, state: UndecidedState): ShownExplanation {
  const { amount, currency, status } = undecidedCharge(chargeId, state);
  const { channel, quantity, metadata } = state;
  const occurred_at = new Date(state.occurredAtMs).toISOString();
  return {
    charge_id: chargeId,
    wallet_id: null,
    status,
    reason: null,
    request: { charge_id: chargeId, amount, currency, channel, quantity, metadata, occurred_at },
    rating: ratingOf(metadata),
    authorization: { authorization_id: state.authorizationId, lease_id: null },
    plan: null,
    slices: [],
    entries: [],
    balance_before: null,
    balance_after: null,
    decided_at: null,
    reversals: [],
  };
}
