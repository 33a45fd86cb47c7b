/**
 * The rules of test cards: what a number looks like, and what the "bank" answers to it.
 * Numbers and meanings are Stripe's (https://docs.stripe.com/testing); nothing else is ever accepted,
 * so that a real card number typed by mistake is refused and never stored.
 */
export type CardField = 'card_number' | 'exp' | 'cvc' | 'name' | 'email';

export interface CardForm {
  readonly number: string;
  readonly exp: string;
  readonly cvc: string;
}

export interface CardFault {
  readonly field: CardField;
  readonly code: string;
  readonly message: string;
}

export interface Decline {
  readonly code: string;
  readonly declineCode: string | null;
  readonly message: string;
}

/** What the issuer does. `authenticate_once`: asks the first time, then off-session charges pass. */
export type CardBehavior =
  'succeed' | 'authenticate_once' | 'authenticate_always' | 'dispute' | keyof typeof DECLINES;

export const DECLINES = {
  generic_decline: {
    code: 'card_declined',
    declineCode: 'generic_decline',
    message: 'Your card was declined.',
  },
  insufficient_funds: {
    code: 'card_declined',
    declineCode: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  },
  lost_card: {
    code: 'card_declined',
    declineCode: 'lost_card',
    message: 'Your card was declined.',
  },
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

export interface TestCard {
  readonly number: string;
  readonly behavior: CardBehavior;
  readonly brand: 'visa' | 'mastercard' | 'amex';
  /** One line for the click-to-fill list; cards without one work but are not listed. */
  readonly label?: string;
  readonly token: string;
}

export const TEST_CARDS: readonly TestCard[] = [
  card('4242424242424242', 'succeed', 'visa', 'visa', 'Succeeds'),
  card(
    '4000002500003155',
    'authenticate_once',
    'visa',
    'threeDSecureRequired',
    'Asks for authentication',
  ),
  card('4000000000000002', 'generic_decline', 'visa', 'chargeDeclined', 'Is declined'),
  card(
    '4000000000009995',
    'insufficient_funds',
    'visa',
    'visa_chargeDeclinedInsufficientFunds',
    'Has no funds',
  ),
  card('4000000000000259', 'dispute', 'visa', 'createDispute', 'Is disputed later'),
  card('4000000000000069', 'expired_card', 'visa', 'chargeDeclinedExpiredCard'),
  card('4000000000000127', 'incorrect_cvc', 'visa', 'chargeDeclinedIncorrectCvc'),
  card('4000000000000119', 'processing_error', 'visa', 'chargeDeclinedProcessingError'),
  card('4000000000009987', 'lost_card', 'visa', 'visa_chargeDeclinedLostCard'),
  card('4000002760003184', 'authenticate_always', 'visa', 'authenticationRequired'),
  card('5555555555554444', 'succeed', 'mastercard', 'mastercard'),
  card('378282246310005', 'succeed', 'amex', 'amex'),
];

function card(
  number: string,
  behavior: CardBehavior,
  brand: TestCard['brand'],
  token: string,
  label?: string,
): TestCard {
  return { number, behavior, brand, token, ...(label === undefined ? {} : { label }) };
}

export interface AcceptedCard {
  readonly card: TestCard;
  readonly expMonth: number;
  readonly expYear: number;
}

/**
 * Checks a card form. All faults at once, one per field, so that a person mends them in one go.
 * `now` is the calendar month in which the card is used; a card is good to the end of its month.
 */
export function checkCard(
  form: CardForm,
  now: { readonly year: number; readonly month: number },
): { ok: true; accepted: AcceptedCard } | { ok: false; faults: readonly CardFault[] } {
  const faults: CardFault[] = [];
  const number = form.number.replace(/[\s-]/g, '');
  const found = TEST_CARDS.find((candidate) => candidate.number === number);
  if (found === undefined) faults.push(numberFault(number));
  const expiry = readExpiry(form.exp, now.year);
  if (expiry === null) {
    faults.push(fault('exp', 'invalid_expiry', 'Write the expiry as MM / YY.'));
  } else if (isPast(expiry, now)) {
    faults.push(fault('exp', 'invalid_expiry_year', 'Your card has expired. Check the date.'));
  }
  const cvcLength = found?.brand === 'amex' ? 4 : 3;
  if (!/^\d{3,4}$/.test(form.cvc.trim()) || (found && form.cvc.trim().length !== cvcLength)) {
    faults.push(fault('cvc', 'invalid_cvc', `The security code has ${cvcLength} digits.`));
  }
  if (faults.length > 0 || found === undefined || expiry === null) return { ok: false, faults };
  return { ok: true, accepted: { card: found, expMonth: expiry.month, expYear: expiry.year } };
}

function fault(field: CardField, code: string, message: string): CardFault {
  return { field, code, message };
}

function numberFault(number: string): CardFault {
  if (number === '') return fault('card_number', 'incomplete_number', 'Enter a card number.');
  if (!/^\d+$/.test(number)) {
    return fault('card_number', 'invalid_number', 'A card number has digits only.');
  }
  if (number.length < 14) {
    return fault('card_number', 'incomplete_number', 'The card number is incomplete.');
  }
  if (!passesLuhn(number)) {
    return fault('card_number', 'incorrect_number', 'The card number is not valid.');
  }
  return fault(
    'card_number',
    'test_mode_live_card',
    'This is the sandbox: only test cards work here. Pick one from the list.',
  );
}

/** The check digit that every card number ends with (ISO/IEC 7812-1). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length > 0 && sum % 10 === 0;
}

interface Expiry {
  readonly month: number;
  readonly year: number;
}

/** `12/34`, `12 / 34`, `1234`, `12/2034`. Two digits mean the century we are in. */
function readExpiry(given: string, yearNow: number): Expiry | null {
  const match = /^\s*(\d{1,2})\s*[/-]?\s*(\d{4}|\d{2})\s*$/.exec(given);
  if (!match) return null;
  const month = Number(match[1]);
  const yearText = match[2] ?? '';
  const year =
    yearText.length === 4 ? Number(yearText) : yearNow - (yearNow % 100) + Number(yearText);
  return month >= 1 && month <= 12 && year <= yearNow + 50 ? { month, year } : null;
}

function isPast(expiry: Expiry, now: { readonly year: number; readonly month: number }): boolean {
  return expiry.year < now.year || (expiry.year === now.year && expiry.month < now.month);
}

/** The answer of the bank to one attempt. */
export type Verdict =
  | { readonly kind: 'approve'; readonly isDisputed: boolean }
  | { readonly kind: 'authenticate' }
  | { readonly kind: 'decline'; readonly decline: Decline };

/**
 * Decides an attempt. `isSetUp`: the card was saved for off-session use with the owner present;
 * off session nobody can authenticate, so a card that insists declines with `authentication_required`.
 */
export function judge(
  behavior: CardBehavior,
  attempt: { readonly isOffSession: boolean; readonly isSetUp: boolean },
): Verdict {
  if (behavior === 'succeed') return { kind: 'approve', isDisputed: false };
  if (behavior === 'dispute') return { kind: 'approve', isDisputed: true };
  if (behavior === 'authenticate_once' || behavior === 'authenticate_always') {
    const isSatisfied = behavior === 'authenticate_once' && attempt.isSetUp && attempt.isOffSession;
    if (isSatisfied) return { kind: 'approve', isDisputed: false };
    if (!attempt.isOffSession) return { kind: 'authenticate' };
    return {
      kind: 'decline',
      decline: {
        code: 'authentication_required',
        declineCode: 'authentication_required',
        message: 'Your card was declined. This transaction requires authentication.',
      },
    };
  }
  return { kind: 'decline', decline: DECLINES[behavior] };
}
