import type { Decline } from '../customers/test-cards.js';

/**
 * Stripe's test accounts for debits (https://docs.stripe.com/testing): the bank answers days after the
 * payment was promised. Nothing but these accounts is accepted.
 */
export type DebitType = 'us_bank_account' | 'sepa_debit';

export interface BankAccountSecret {
  readonly outcome: DebitOutcome;
  /** Answers after minutes rather than seconds. */
  readonly isSlow: boolean;
}

export type DebitOutcome = 'succeed' | 'dispute' | keyof typeof DEBIT_FAILURES;

/** The names of the bank's refusals on the charge and on the payment intent. */
export const DEBIT_FAILURES = {
  account_closed: failure('account_closed', "The customer's bank account has been closed."),
  no_account: failure('no_account', "The customer's bank account could not be located."),
  insufficient_funds: failure(
    'insufficient_funds',
    "The customer's account has insufficient funds to cover this payment.",
  ),
  debit_not_authorized: failure(
    'debit_not_authorized',
    'The customer has notified their bank that this payment was unauthorized.',
  ),
} as const;

function failure(code: string, message: string): Decline {
  return { code, declineCode: null, message };
}

export interface TestAccount extends BankAccountSecret {
  readonly type: DebitType;
  /** Account number of a US account, IBAN of a European one. */
  readonly number: string;
  readonly label?: string;
}

export const ROUTING_NUMBER = '110000000';

export const TEST_ACCOUNTS: readonly TestAccount[] = [
  us('000123456789', 'succeed', 'Succeeds'),
  us('000111111113', 'account_closed', 'Is closed'),
  us('000111111116', 'no_account', 'Does not exist'),
  us('000222222227', 'insufficient_funds', 'Has no funds'),
  us('000333333335', 'debit_not_authorized', 'Was not authorized'),
  iban('DE89370400440532013000', 'succeed', 'Succeeds'),
  iban('DE62370400440532013001', 'insufficient_funds', 'Has no funds'),
  { ...iban('DE08370400440532013003', 'succeed', 'Succeeds after three minutes'), isSlow: true },
  { ...iban('DE78370400440532013004', 'insufficient_funds'), isSlow: true },
  iban('DE35370400440532013002', 'dispute', 'Succeeds and is disputed'),
  iban('AT611904300234573201', 'succeed'),
  iban('AT861904300235473202', 'insufficient_funds'),
  iban('AT591904300235473203', 'dispute'),
];

function us(number: string, outcome: DebitOutcome, label: string): TestAccount {
  return { type: 'us_bank_account', number, outcome, isSlow: false, label };
}

function iban(number: string, outcome: DebitOutcome, label?: string): TestAccount {
  const named = label === undefined ? {} : { label };
  return { type: 'sepa_debit', number, outcome, isSlow: false, ...named };
}

/** How long a debit takes by itself, in ms: seconds here, days at a bank. */
const DEBIT_MS = 3_000;
const SLOW_DEBIT_MS = 180_000;

export const debitMs = (account: BankAccountSecret): number =>
  account.isSlow ? SLOW_DEBIT_MS : DEBIT_MS;

export interface AccountFault {
  readonly field: 'account_number' | 'routing_number' | 'iban';
  readonly code: string;
  readonly message: string;
}

/** Finds a test account, or says what is wrong with what was given. Blanks do not count. */
export function checkAccount(
  type: DebitType,
  given: { readonly number: string; readonly routingNumber: string },
):
  | { readonly ok: true; readonly account: TestAccount }
  | { readonly ok: false; readonly faults: readonly AccountFault[] } {
  const number = given.number.replace(/[\s-]/g, '').toUpperCase();
  const field = type === 'sepa_debit' ? 'iban' : 'account_number';
  const account = TEST_ACCOUNTS.find((each) => each.type === type && each.number === number);
  const faults: AccountFault[] = [];
  if (type === 'us_bank_account' && given.routingNumber.trim() !== ROUTING_NUMBER) {
    const message = `The test routing number is ${ROUTING_NUMBER}.`;
    faults.push({ field: 'routing_number', code: 'routing_number_invalid', message });
  }
  if (account === undefined) {
    const isEmpty = number === '';
    faults.push({
      field,
      code: isEmpty ? 'account_number_incomplete' : 'account_number_invalid',
      message: isEmpty
        ? 'Enter an account.'
        : 'This is the sandbox: only test accounts work here. Pick one from the list.',
    });
  }
  if (account === undefined || faults.length > 0) return { ok: false, faults };
  return { ok: true, account };
}

/** Payment methods that a page offers when the merchant names none: as its dashboard would be set. */
export function defaultMethodTypes(currency: string): readonly ('card' | DebitType)[] {
  if (currency === 'usd') return ['card', 'us_bank_account'];
  return currency === 'eur' ? ['card', 'sepa_debit'] : ['card'];
}
