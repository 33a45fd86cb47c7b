import type { BalanceTransaction, Charge, Dispute, FraudWarning } from './objects.js';

export function buildDispute(given: {
  readonly id: string;
  readonly created: number;
  readonly amount: number;
  readonly reason: string;
  readonly charge: Charge;
  readonly withdrawals: readonly BalanceTransaction[];
  readonly isInquiry: boolean;
  readonly evidenceDueBy: number;
}): Dispute {
  const { charge, isInquiry } = given;
  const card = {
    brand: 'visa',
    case_type: isInquiry ? 'inquiry' : 'chargeback',
    network: 'visa',
    network_reason_code: given.reason === 'fraudulent' ? '10.4' : '13.1',
  };
  return {
    id: given.id,
    object: 'dispute',
    amount: given.amount,
    balance_transactions: given.withdrawals,
    charge: charge.id,
    created: given.created,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: { customer_email_address: null, uncategorized_text: null },
    evidence_details: {
      due_by: given.evidenceDueBy,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: isInquiry,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: { card, type: 'card' },
    reason: given.reason,
    status: isInquiry ? 'warning_needs_response' : 'needs_response',
  };
}

export function buildFraudWarning(given: {
  readonly id: string;
  readonly created: number;
  readonly charge: Charge;
}): FraudWarning {
  return {
    id: given.id,
    object: 'radar.early_fraud_warning',
    actionable: !given.charge.disputed && !given.charge.refunded,
    charge: given.charge.id,
    created: given.created,
    fraud_type: 'made_with_stolen_card',
    livemode: false,
    payment_intent: given.charge.payment_intent,
  };
}
