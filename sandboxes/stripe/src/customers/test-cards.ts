/**
 * Stripe's test cards and what each one does (https://docs.stripe.com/testing). Nothing else is ever accepted,
 * so that a real card number typed by mistake is refused and never stored.
 */
export interface Decline {
  readonly code: string;
  readonly declineCode: string | null;
  readonly message: string;
}

const declined = (declineCode: string, message = 'Your card was declined.'): Decline => ({
  code: 'card_declined',
  declineCode,
  message,
});

export const DECLINES = {
  generic_decline: declined('generic_decline'),
  insufficient_funds: declined('insufficient_funds', 'Your card has insufficient funds.'),
  lost_card: declined('lost_card'),
  stolen_card: declined('stolen_card'),
  fraudulent: declined('fraudulent'),
  card_velocity_exceeded: declined(
    'card_velocity_exceeded',
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  ),
  expired_card: {
    code: 'expired_card',
    declineCode: 'expired_card',
    message: 'Your card has expired.',
  },
  incorrect_cvc: {
    code: 'incorrect_cvc',
    declineCode: 'incorrect_cvc',
    message: "Your card's security code is incorrect.",
  },
  processing_error: {
    code: 'processing_error',
    declineCode: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
  },
} as const satisfies Record<string, Decline>;

/**
 * The issuer's behavior. `authenticate_once`: asks while the owner is present; once set up, charges without them
 * pass. `authenticate_set_up`: the same, and counts as set up from the start. `authenticate_always`: asks every time,
 * so every charge without the owner is declined. `authenticate_then_decline`: asks, and has no funds when the owner
 * has said yes. `decline_after_attach`: can be saved, and declines every charge.
 */
export type CardBehavior =
  | 'succeed'
  | 'authenticate_once'
  | 'authenticate_set_up'
  | 'authenticate_always'
  | 'authenticate_then_decline'
  | 'decline_after_attach'
  | Aftermath
  | keyof typeof DECLINES;

/** Succeeds, and brings trouble later. */
export type Aftermath = keyof typeof AFTERMATHS;

const AFTERMATHS = {
  dispute: 'The cardholder disputes it as fraud',
  dispute_not_received: 'The cardholder disputes it: nothing came',
  dispute_inquiry: 'The bank asks before it disputes',
  fraud_warning: 'The bank warns of fraud',
  refund_pending: 'Refunds take their time and succeed',
  refund_fails: 'Refunds succeed and then fail',
} as const;

export const isAftermath = (behavior: CardBehavior): behavior is Aftermath =>
  Object.hasOwn(AFTERMATHS, behavior);

export const BEHAVIORS: readonly CardBehavior[] = [
  'succeed',
  'authenticate_once',
  'authenticate_set_up',
  'authenticate_always',
  'authenticate_then_decline',
  'decline_after_attach',
  ...(Object.keys(AFTERMATHS) as Aftermath[]),
  ...(Object.keys(DECLINES) as (keyof typeof DECLINES)[]),
];

export interface TestCard {
  readonly number: string;
  readonly behavior: CardBehavior;
  readonly brand: 'visa' | 'mastercard' | 'amex';
  /** One line for the click-to-fill list; cards without one work but are not listed. */
  readonly label?: string;
  readonly token: string;
}

export const TEST_CARDS: readonly TestCard[] = [
  visa('4242424242424242', 'succeed', 'visa', 'Succeeds'),
  visa('4000002500003155', 'authenticate_once', 'threeDSecureRequired', 'Asks for authentication'),
  visa('4000000000000002', 'generic_decline', 'chargeDeclined', 'Is declined'),
  visa(
    '4000000000009995',
    'insufficient_funds',
    'visa_chargeDeclinedInsufficientFunds',
    'Has no funds',
  ),
  visa('4000000000000341', 'decline_after_attach', 'chargeCustomerFail', 'Saves, then declines'),
  visa('4000000000000259', 'dispute', 'createDispute', 'Is disputed later'),
  visa('4000000000002685', 'dispute_not_received', 'createDisputeProductNotReceived'),
  visa('4000000000001976', 'dispute_inquiry', 'createDisputeInquiry'),
  visa('4000000000005423', 'fraud_warning', 'createIssuerFraudRecord'),
  visa('4000000000007726', 'refund_pending', 'pendingRefund'),
  visa('4000000000005126', 'refund_fails', 'refundFail'),
  visa('4000000000000069', 'expired_card', 'chargeDeclinedExpiredCard'),
  visa('4000000000000127', 'incorrect_cvc', 'chargeDeclinedIncorrectCvc'),
  visa('4000000000000119', 'processing_error', 'chargeDeclinedProcessingError'),
  visa('4000000000009987', 'lost_card', 'visa_chargeDeclinedLostCard'),
  visa('4000000000009979', 'stolen_card', 'visa_chargeDeclinedStolenCard'),
  visa('4100000000000019', 'fraudulent', 'radarBlock'),
  visa('4000000000006975', 'card_velocity_exceeded', 'visa_chargeDeclinedVelocityLimitExceeded'),
  visa('4000002760003184', 'authenticate_always', 'authenticationRequired'),
  visa('4000000000003220', 'authenticate_always', 'threeDSecure2Required'),
  visa('4000003800000446', 'authenticate_set_up', 'authenticationRequiredSetupForOffSession'),
  visa(
    '4000008260003178',
    'authenticate_then_decline',
    'authenticationRequiredChargeDeclinedInsufficientFunds',
  ),
  { number: '5555555555554444', behavior: 'succeed', brand: 'mastercard', token: 'mastercard' },
  { number: '378282246310005', behavior: 'succeed', brand: 'amex', token: 'amex' },
];

function visa(number: string, behavior: CardBehavior, token: string, label?: string): TestCard {
  const named = label === undefined ? {} : { label };
  return { number, behavior, brand: 'visa', token, ...named };
}
