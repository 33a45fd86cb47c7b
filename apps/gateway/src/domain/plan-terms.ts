import { ALLOWANCE_UNITS, type AllowanceUnit } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { micros, MICROS_MAX, roundHalfEven, type Micros } from '@orbit/money';

export const MICROS_PER_UNIT = 1_000_000n;

/** How a charge is paid that a plan covers, whole or in part; the rest falls on the wallet. */
export interface PlanTerms {
  readonly unit: AllowanceUnit;
  /** Units of `quantity` that the plan pays; at least 1. */
  readonly covered: number;
  readonly quantity: number;
  /** What all of it costs without a plan. */
  readonly priceMicros: Micros;
}

export const isWhole = ({ covered, quantity }: PlanTerms): boolean => covered === quantity;

/** What the covered units would have cost. */
export const worthOf = ({ priceMicros, covered, quantity }: PlanTerms): Micros =>
  micros(roundHalfEven(priceMicros * BigInt(covered), BigInt(quantity)));

/** What falls on the wallet. */
export const restOf = (terms: PlanTerms): Micros => micros(terms.priceMicros - worthOf(terms));

/** An authorization is captured and released by its id alone, so the id says how it is paid. */
export const withTerms = (authorizationId: string, terms: PlanTerms): string =>
  [authorizationId, terms.unit, terms.covered, terms.quantity, terms.priceMicros].join('.');

const WITH_TERMS = /^([^.]+)\.([a-z_]+)\.(\d{1,10})\.(\d{1,10})\.(\d{1,16})$/;

/** `terms` is null for one that the wallet pays alone. */
export function readTerms(id: string): {
  readonly authorizationId: string;
  readonly terms: PlanTerms | null;
} {
  const none = { authorizationId: id, terms: null };
  const found = WITH_TERMS.exec(id);
  if (found === null) return none;
  const [, authorizationId = '', name, covered, quantity, price = '0'] = found;
  const unit = ALLOWANCE_UNITS.find((one) => one === name);
  const priceMicros = BigInt(price);
  if (unit === undefined || priceMicros <= 0n || priceMicros > MICROS_MAX) return none;
  const terms = { unit, covered: Number(covered), quantity: Number(quantity) };
  if (terms.covered < 1 || terms.covered > terms.quantity) return none;
  return { authorizationId, terms: { ...terms, priceMicros: micros(priceMicros) } };
}

export type PlanCapture =
  | { readonly of: 'all' }
  | { readonly of: 'too_much' }
  /** Of the allowance alone. */
  | { readonly of: 'units'; readonly quantity: number }
  /** All of the allowance, and so much of the wallet. */
  | { readonly of: 'money'; readonly amountMicros: Micros };

/**
 * What a capture of `amountMicros` of the price takes: as many units as it pays for, begun ones whole, of the
 * allowance first.
 */
export function planCapture(terms: PlanTerms, amountMicros: Micros | undefined): PlanCapture {
  const { priceMicros, quantity, covered } = terms;
  if (amountMicros === undefined || amountMicros === priceMicros) return { of: 'all' };
  invariant(amountMicros > 0n, 'a captured amount is positive');
  if (amountMicros > priceMicros) return { of: 'too_much' };
  const units = Number((amountMicros * BigInt(quantity) + priceMicros - 1n) / priceMicros);
  if (units <= covered) return { of: 'units', quantity: units };
  const money = amountMicros - worthOf(terms);
  return { of: 'money', amountMicros: micros(money > 0n ? money : 1n) };
}
