import { DECLINES, isAftermath, TEST_CARDS } from './test-cards.js';
import type { Aftermath, CardBehavior, Decline, TestCard } from './test-cards.js';

/** The rules of test cards: what a card form looks like, and what the "bank" answers to the card. */
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

export interface AcceptedCard {
  readonly card: TestCard;
  readonly expMonth: number;
  readonly expYear: number;
}

/**
 * Checks a card form. All faults at once, one per field, so that a person repairs them in one go.
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
  | { readonly kind: 'approve'; readonly aftermath: Aftermath | null }
  | { readonly kind: 'authenticate' }
  | { readonly kind: 'decline'; readonly decline: Decline };

export interface Attempt {
  readonly isOffSession: boolean;
  /** Saved for off-session use with the owner present. */
  readonly isSetUp: boolean;
  /** The owner has just said yes on the authentication page. */
  readonly isAuthenticated?: boolean;
}

const APPROVED: Verdict = { kind: 'approve', aftermath: null };

/**
 * Decides an attempt. Off session nobody can authenticate, so a card that insists declines with
 * `authentication_required`.
 */
export function judge(behavior: CardBehavior, attempt: Attempt): Verdict {
  if (behavior === 'succeed') return APPROVED;
  if (isAftermath(behavior)) return { kind: 'approve', aftermath: behavior };
  switch (behavior) {
    case 'authenticate_once':
      return attempt.isSetUp && attempt.isOffSession ? APPROVED : authenticate(attempt, APPROVED);
    case 'authenticate_set_up':
      return attempt.isOffSession ? APPROVED : authenticate(attempt, APPROVED);
    case 'authenticate_always':
      return authenticate(attempt, APPROVED);
    case 'authenticate_then_decline':
      return authenticate(attempt, { kind: 'decline', decline: DECLINES.insufficient_funds });
    case 'decline_after_attach':
      return { kind: 'decline', decline: DECLINES.generic_decline };
    default:
      return { kind: 'decline', decline: DECLINES[behavior] };
  }
}

function authenticate(attempt: Attempt, answer: Verdict): Verdict {
  if (attempt.isAuthenticated === true) return answer;
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

/** Whether a card may be saved: Stripe checks it with the issuer first. Null: it may. */
export function declineOfSaving(behavior: CardBehavior): Decline | null {
  const verdict = judge(behavior, { isOffSession: false, isSetUp: false, isAuthenticated: true });
  const isKept = behavior === 'decline_after_attach' || behavior === 'authenticate_then_decline';
  return verdict.kind === 'decline' && !isKept ? verdict.decline : null;
}
