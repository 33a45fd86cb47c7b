import { createDebitMethod, createMethod, needMethod } from '../payments/intents.js';
import type { Stored } from '../world/ports.js';
import type { Work } from '../world/work.js';
import {
  checkAccount,
  defaultMethodTypes,
  ROUTING_NUMBER,
  type TestAccount,
} from '../payments/bank-debit.js';
import { checkCard, type AcceptedCard } from './card.js';
import type { Metadata } from '../http/json.js';
import type { MethodType } from '../world/objects.js';
import { ignored, integer, list, metadata, object, oneOf, required, text } from '../http/params.js';
import { invalidRequest, StripeError } from '../http/stripe-error.js';
import { TEST_CARDS } from './test-cards.js';

export const METHOD_TYPES = ['card', 'us_bank_account', 'sepa_debit'] as const;

/** How a caller narrows the choice of methods; the dashboard's own choice stands behind it. */
export const methodTypesShape = {
  allowed_payment_method_types: list(required(oneOf(...METHOD_TYPES))),
  excluded_payment_method_types: list(required(text(60))),
} as const;

/** The kinds of method that are open: those of the currency, narrowed by what the caller allows and excludes. */
export function openMethodTypes(
  params: {
    readonly allowed_payment_method_types: readonly MethodType[] | undefined;
    readonly excluded_payment_method_types: readonly string[] | undefined;
  },
  currency: string,
): readonly MethodType[] {
  const { allowed_payment_method_types: allowed, excluded_payment_method_types: excluded } = params;
  const types = defaultMethodTypes(currency).filter(
    (type) => allowed?.includes(type) !== false && excluded?.includes(type) !== true,
  );
  if (types.length > 0) return types;
  throw invalidRequest(
    'No valid payment method types for this request. Please ensure the provided types are ' +
      'compatible with its currency.',
    { param: 'allowed_payment_method_types' },
  );
}

/** A card by number (test numbers only) or by Stripe's test token (`tok_visa`). */
const cardData = object({
  number: text(30),
  exp_month: integer(1, 12),
  exp_year: integer(),
  cvc: text(4),
  token: text(100),
});

type CardData = NonNullable<ReturnType<typeof cardData>>;

export const billingDetails = object({
  email: text(800),
  name: text(256),
  phone: ignored(),
  address: ignored(),
});

export const methodShape = {
  type: required(oneOf(...METHOD_TYPES)),
  card: cardData,
  us_bank_account: object({
    account_number: text(20),
    routing_number: text(9),
    account_holder_type: ignored(),
    account_type: ignored(),
  }),
  sepa_debit: object({ iban: required(text(40)) }),
  billing_details: billingDetails,
  metadata: metadata(),
  allow_redisplay: ignored(),
} as const;

export const methodData = object(methodShape);

export type MethodData = NonNullable<ReturnType<typeof methodData>>;

/** Makes a payment method of what the API was given: test cards and test accounts, nothing else. */
export async function createGiven(
  work: Work,
  given: MethodData,
  path: string,
): Promise<Stored<'payment_method'>> {
  const owner = {
    name: given.billing_details?.name ?? null,
    email: given.billing_details?.email ?? null,
    metadata: given.metadata ?? ({} as Metadata),
  };
  const at = (name: string): string => (path === '' ? name : `${path}[${name}]`);
  if (given.type !== 'card') {
    return createDebitMethod(work, { ...owner, account: acceptAccount(given, at(given.type)) });
  }
  const card = required(() => given.card)(undefined, at('card'));
  return createMethod(work, { ...owner, accepted: acceptCard(work, card, at('card')) });
}

interface MethodParams {
  readonly payment_method: string | undefined;
  readonly payment_method_data: MethodData | undefined;
}

/** The method that a request names or describes; null when it does neither. */
export async function methodOf(
  work: Work,
  params: MethodParams,
  customer: string | null,
): Promise<Stored<'payment_method'> | null> {
  if (params.payment_method_data !== undefined) {
    return createGiven(work, params.payment_method_data, 'payment_method_data');
  }
  if (params.payment_method === undefined) return null;
  const method = await needMethod(work, params.payment_method, 'payment_method');
  checkOwner(method, customer, 'payment_method');
  return method;
}

/** Refuses a method of somebody else, and one that was detached. */
export function checkOwner(
  method: Stored<'payment_method'>,
  customer: string | null,
  param: string,
): void {
  const owner = method.body.customer;
  if (method.secret.isDetached === true) {
    throw invalidRequest(
      'The provided PaymentMethod was previously used with a PaymentIntent without Customer ' +
        'attachment, shared with a connected account without Customer attachment, or was detached ' +
        'from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must ' +
        'attach it to a Customer first.',
      { param },
    );
  }
  if (owner === null || owner === customer) return;
  throw invalidRequest(
    customer === null
      ? 'The provided PaymentMethod was attached to a Customer. Pass that customer along.'
      : 'The payment method supplied belongs to a different Customer.',
    { param },
  );
}

function acceptAccount(given: MethodData, path: string): TestAccount {
  const type = given.type === 'sepa_debit' ? 'sepa_debit' : 'us_bank_account';
  const checked = checkAccount(type, {
    number: given.sepa_debit?.iban ?? given.us_bank_account?.account_number ?? '',
    routingNumber: given.us_bank_account?.routing_number ?? ROUTING_NUMBER,
  });
  if (checked.ok) return checked.account;
  const [fault] = checked.faults;
  throw invalidRequest(fault?.message ?? 'The account is not valid.', {
    code: fault?.code ?? 'account_number_invalid',
    param: `${path}[${fault?.field ?? 'account_number'}]`,
  });
}

/** Turns card data of the API into a test card, or refuses it with the card error that Stripe has for it. */
function acceptCard(work: Work, given: CardData, path: string): AcceptedCard {
  const today = new Date(work.nowMs);
  if (given.token !== undefined) {
    const named = TEST_CARDS.find((card) => given.token === `tok_${card.token}`);
    if (named === undefined) {
      throw invalidRequest(`No such token: '${given.token}'`, {
        code: 'resource_missing',
        param: `${path}[token]`,
      });
    }
    return { card: named, expMonth: 12, expYear: today.getUTCFullYear() + 5 };
  }
  const brand = TEST_CARDS.find((card) => card.number === given.number)?.brand;
  const checked = checkCard(
    {
      number: given.number ?? '',
      exp: `${given.exp_month ?? ''}/${given.exp_year ?? ''}`,
      cvc: given.cvc ?? (brand === 'amex' ? '1234' : '123'),
    },
    { year: today.getUTCFullYear(), month: today.getUTCMonth() + 1 },
  );
  if (checked.ok) return checked.accepted;
  const [fault] = checked.faults;
  const param = {
    card_number: 'number',
    exp: 'exp_year',
    cvc: 'cvc',
    name: 'name',
    email: 'email',
  };
  throw new StripeError(402, 'card_error', fault?.message ?? 'The card is not valid.', {
    code: fault?.code ?? 'incorrect_number',
    param: `${path}[${param[fault?.field ?? 'card_number']}]`,
  });
}
