import type { BalanceTransaction, Charge, Dispute, FraudWarning } from '../world/objects.js';

const EVIDENCE_FIELDS = [
  ...['access_activity_log', 'billing_address', 'cancellation_policy'],
  ...['cancellation_policy_disclosure', 'cancellation_rebuttal', 'customer_communication'],
  ...['customer_email_address', 'customer_name', 'customer_purchase_ip', 'customer_signature'],
  ...['duplicate_charge_documentation', 'duplicate_charge_explanation', 'duplicate_charge_id'],
  ...['product_description', 'receipt', 'refund_policy', 'refund_policy_disclosure'],
  ...['refund_refusal_explanation', 'service_date', 'service_documentation', 'shipping_address'],
  ...['shipping_carrier', 'shipping_date', 'shipping_documentation', 'shipping_tracking_number'],
  ...['uncategorized_file', 'uncategorized_text'],
];
const NO_EVIDENCE = Object.fromEntries(EVIDENCE_FIELDS.map((name) => [name, null]));

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
    evidence: { ...NO_EVIDENCE, enhanced_evidence: {} },
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
