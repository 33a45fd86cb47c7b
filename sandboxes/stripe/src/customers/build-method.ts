import { ROUTING_NUMBER, type TestAccount } from '../payments/bank-debit.js';
import type { AcceptedCard } from './card.js';
import type { Metadata } from '../http/json.js';
import type { MethodType, PaymentMethod } from '../world/objects.js';

const EMPTY_ADDRESS = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
};

interface NewMethod {
  readonly id: string;
  readonly created: number;
  readonly fingerprint: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly metadata: Metadata;
}

function methodBase(given: NewMethod, type: MethodType): PaymentMethod {
  return {
    id: given.id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: EMPTY_ADDRESS,
      email: given.email,
      name: given.name,
      phone: null,
      tax_id: null,
    },
    created: given.created,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: given.metadata,
    type,
  };
}

/** A US account or a European one; `status_details` and the like stay away as they do for test accounts. */
export function buildDebitMethod(
  given: NewMethod & { readonly account: TestAccount },
): PaymentMethod {
  const { type, number } = given.account;
  const last4 = number.slice(-4);
  const { fingerprint } = given;
  const base = methodBase(given, type);
  if (type === 'sepa_debit') {
    const sepa_debit = {
      bank_code: number.slice(4, 12),
      branch_code: '',
      country: number.slice(0, 2),
      fingerprint,
      generated_from: { charge: null, setup_attempt: null },
      last4,
    };
    return { ...base, sepa_debit };
  }
  const us_bank_account = {
    account_holder_type: 'individual',
    account_type: 'checking',
    bank_name: 'STRIPE TEST BANK',
    financial_connections_account: null,
    fingerprint,
    last4,
    networks: { preferred: 'ach', supported: ['ach'] },
    routing_number: ROUTING_NUMBER,
    status_details: {},
  };
  return { ...base, us_bank_account };
}

export function buildPaymentMethod(
  given: NewMethod & { readonly accepted: AcceptedCard },
): PaymentMethod {
  const { card, expMonth, expYear } = given.accepted;
  return {
    ...methodBase(given, 'card'),
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: card.brand,
      exp_month: expMonth,
      exp_year: expYear,
      fingerprint: given.fingerprint,
      funding: 'credit',
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
  };
}
