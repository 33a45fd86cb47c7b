import type { OrbCall } from '@orbit/contracts';
import { isCurrency, isIsoCurrency, MICROS_MAX, readIsoCurrency } from '@orbit/money';
import { Decimal, parseDecimal, decimal } from '@orbit/pricing';
import type { Listed } from '@orbit/orb-api';
import { isAllowanceUnit } from '@orbit/allowances';
import { against, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import { addCivil, midnightMs } from '../../timeline/domain/civil.js';
import { readInstant } from '../../timeline/domain/read-instant.js';
import type { PurchaseSettings } from './purchase.js';
import { readCommon } from './read-settings.js';

type Fields = Readonly<Record<string, unknown>>;

/** A rule that asks for credit whenever a balance is at or below its threshold. Amounts are decimal texts. */
export interface TopUp extends Listed {
  readonly id: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly currency: string;
  readonly threshold: string;
  readonly amount: string;
  readonly perUnitCostBasis: string;
  readonly settings: PurchaseSettings;
  readonly expiresAfter: number | null;
  readonly expiresAfterUnit: 'day' | 'month' | null;
  readonly activeFromMs: number;
  /** The entry up to which its wallet was looked at; null: not at all yet. */
  readonly seenSequence: bigint | null;
}

export type NewTopUp = Omit<TopUp, 'position' | 'seenSequence'>;

const PLACES_MAX = 6;
const EXPIRES_AFTER_MAX = 3_650;
const ACTIVE_PAST_DAYS_MAX = 10;
const WALLET_MAX = Decimal.scaled(MICROS_MAX, PLACES_MAX);

/** `currency`: what the customer is invoiced in; null: nothing yet. */
export function readTopUp(
  id: string,
  { account, body }: OrbCall,
  customer: { readonly id: string; readonly currency: string | null; readonly timezone: string },
  nowMs: number,
): Outcome<NewTopUp> {
  const unit = readUnit(body['currency'], customer.currency);
  if (!unit.ok) return unit;
  const threshold = amountIn(body, 'threshold', (value) => !value.isNegative, '0 or more');
  if (!threshold.ok) return threshold;
  const amount = amountIn(body, 'amount', (value) => value.digits > 0n, 'more than 0');
  if (!amount.ok) return amount;
  const basis = String(body['per_unit_cost_basis']);
  if (!/^\d{1,20}(\.\d{1,18})?$/.test(basis)) {
    return wrong('per_unit_cost_basis: must be a decimal number of 0 or more');
  }
  const settings = readCommon(body['invoice_settings'] as Fields);
  if (!settings.ok) return settings;
  const expiresAfter = (body['expires_after'] ?? null) as number | null;
  const expiresAfterUnit = (body['expires_after_unit'] ?? null) as TopUp['expiresAfterUnit'];
  if ((expiresAfter === null) !== (expiresAfterUnit === null)) {
    return wrong('expires_after: goes with expires_after_unit');
  }
  if (expiresAfter !== null && (expiresAfter < 1 || expiresAfter > EXPIRES_AFTER_MAX)) {
    return wrong(`expires_after: must be 1 to ${String(EXPIRES_AFTER_MAX)}`);
  }
  const from = (body['active_from'] ?? null) as string | null;
  const activeFromMs = from === null ? nowMs : readInstant(from, customer.timezone);
  if (activeFromMs === null) return wrong('active_from: must be an instant of the years 1 to 9999');
  if (activeFromMs < addCivil(nowMs, -ACTIVE_PAST_DAYS_MAX, 'days', customer.timezone)) {
    return wrong(`active_from: must be at most ${String(ACTIVE_PAST_DAYS_MAX)} days ago`);
  }
  return ok({
    ...{ id, accountId: account.id, customerId: customer.id, currency: unit.value },
    ...{ threshold: threshold.value, amount: amount.value, perUnitCostBasis: basis },
    settings: { ...settings.value, ...BY_ITSELF },
    ...{ expiresAfter, expiresAfterUnit, activeFromMs, createdAt: new Date(nowMs) },
  });
}

const BY_ITSELF = { isPaid: false, itemId: null, invoiceDateMs: null, fixedDueMs: null };

function readUnit(value: unknown, own: string | null): Outcome<string> {
  const isMiswritten = !isIsoCurrency(value) && readIsoCurrency(value) !== null;
  if (!isCurrency(value) || isMiswritten) {
    return wrong('currency: must be a code of ISO 4217 such as "USD" or a unit such as "credits"');
  }
  if (isAllowanceUnit(value)) return against('currency names units that plans include.');
  if (isIsoCurrency(value) && own !== null && own !== value) {
    return against(`currency is ${value}, but the customer is invoiced in ${own}.`);
  }
  return ok(value);
}

function amountIn(
  body: Fields,
  name: string,
  fits: (value: Decimal) => boolean,
  rule: string,
): Outcome<string> {
  const text = String(body[name]);
  const value = /^\d{1,20}(\.\d{1,6})?$/.test(text) ? parseDecimal(text) : null;
  if (!value || !fits(value) || value.isAbove(WALLET_MAX)) {
    return wrong(
      `${name}: must be a decimal number of ${rule} with at most ${String(PLACES_MAX)} decimals, and no more than a ledger can hold`,
    );
  }
  return ok(text);
}

export const topUpView = (topUp: TopUp): Fields => ({
  id: topUp.id,
  currency: topUp.currency,
  threshold: topUp.threshold,
  amount: topUp.amount,
  per_unit_cost_basis: topUp.perUnitCostBasis,
  invoice_settings: {
    auto_collection: topUp.settings.autoCollection,
    net_terms: topUp.settings.netTerms,
    memo: topUp.settings.memo,
    require_successful_payment: topUp.settings.requiresPayment,
  },
  expires_after: topUp.expiresAfter,
  expires_after_unit: topUp.expiresAfterUnit,
});

/** When a block that is granted now ends: at a local midnight. Null: never. */
export function endOf(
  { expiresAfter, expiresAfterUnit }: Pick<TopUp, 'expiresAfter' | 'expiresAfterUnit'>,
  nowMs: number,
  timezone: string,
): number | null {
  if (expiresAfter === null) return null;
  const unit = expiresAfterUnit === 'month' ? 'months' : 'days';
  return midnightMs(addCivil(nowMs, expiresAfter, unit, timezone), timezone);
}

/** A wallet's entry, as top-ups look at it. */
export interface SeenStep {
  readonly sequence: bigint;
  readonly balance: Decimal;
  readonly isSpending: boolean;
}

/** The first use after which the balance is at or below the threshold; null: there is none. */
export const firstBelow = (
  { threshold }: Pick<TopUp, 'threshold'>,
  steps: readonly SeenStep[],
): SeenStep | null =>
  steps.find((step) => step.isSpending && isBelow(threshold, step.balance)) ?? null;

export const isBelow = (threshold: string, balance: Decimal): boolean =>
  !balance.isAbove(decimal(threshold));
