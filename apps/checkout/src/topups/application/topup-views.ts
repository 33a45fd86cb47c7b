import type { TopUpView } from '@orbit/contracts';
import { centsFloor, formatAmount } from '@orbit/money';
import type { TopUp } from '../domain/topup.js';
import { referenceOf, receivedMicros } from './topup-events.js';

/** A top-up as other services see it. */
export function topUpView(topup: TopUp, replayed = false): TopUpView {
  const { sessionId, paymentIntentId } = topup;
  const received = receivedMicros(topup);
  return {
    topup_id: topup.id,
    organization_id: topup.organizationId,
    kind: topup.kind,
    state: topup.state,
    reason: topup.reason,
    amount_minor: Number(centsFloor(topup.amountMicros, topup.currency)),
    amount: formatAmount(topup.amountMicros, topup.currency),
    currency: topup.currency,
    payment_minor: Number(topup.amountMinor),
    payment_currency: topup.paymentCurrency,
    received_minor: topup.receivedMinor === null ? null : Number(topup.receivedMinor),
    received_currency: topup.receivedCurrency,
    is_creditable: topup.state === 'parked' && received !== null,
    payment_intent_id: paymentIntentId,
    checkout_session_id: sessionId,
    reference: paymentIntentId === null ? null : referenceOf({ sessionId, paymentIntentId }),
    action_url: topup.actionUrl,
    created_at: new Date(topup.createdAtMs).toISOString(),
    replayed,
  };
}
