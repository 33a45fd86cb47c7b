import {
  ALLOWANCE_KEY,
  ALLOWANCE_UNITS,
  PRICE_KEYS,
  readAllowance,
  type AllowanceUnit,
} from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { micros, MICROS_MAX, parseAmount, roundHalfEven, type Micros } from '@orbit/money';

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
export const termsText = ({ unit, covered, quantity, priceMicros }: PlanTerms): string =>
  [unit, covered, quantity, priceMicros].join('.');

const WITH_TERMS =
  /^([^.]+)\.([a-z_]+)\.(\d{1,10})\.(\d{1,10})\.(\d{1,16})(?:\.([A-Za-z0-9_-]{22}))?$/;

/** What an authorization id says in writing; nothing of it is believed yet. */
export interface WrittenTerms {
  readonly authorizationId: string;
  /** Null: the wallet pays alone, or it does not say. */
  readonly terms: PlanTerms | null;
  /** Signs the rest of the text; null before ids were signed. */
  readonly tag: string | null;
}

/** Null: no authorization id has this form. */
export function readTerms(id: string): WrittenTerms | null {
  if (!id.includes('.')) return { authorizationId: id, terms: null, tag: null };
  const found = WITH_TERMS.exec(id);
  if (found === null) return null;
  const [, authorizationId = '', name, covered, quantity, price = '0', tag = null] = found;
  const unit = ALLOWANCE_UNITS.find((one) => one === name);
  const priceMicros = BigInt(price);
  if (unit === undefined || priceMicros <= 0n || priceMicros > MICROS_MAX) return null;
  const terms = { unit, covered: Number(covered), quantity: Number(quantity) };
  if (terms.covered < 1 || terms.covered > terms.quantity) return null;
  return { authorizationId, terms: { ...terms, priceMicros: micros(priceMicros) }, tag };
}

/** How a charge is paid that Redis knows, from what its request says; null when the wallet pays alone. */
export function termsOf(known: {
  readonly currency: string;
  readonly quantity: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}): PlanTerms | null {
  const { currency, quantity, metadata } = known;
  const price = parseAmount(metadata[PRICE_KEYS.amount]);
  if (!price.ok || price.amountMicros <= 0n) return null;
  const priceMicros = price.amountMicros;
  const unit = ALLOWANCE_UNITS.find((one) => one === currency);
  if (unit !== undefined) return { unit, covered: quantity, quantity, priceMicros };
  const part = readAllowance(metadata[ALLOWANCE_KEY]);
  if (part === null) return null;
  const covered = part.quantity;
  return { unit: part.unit, covered, quantity: quantity + covered, priceMicros };
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
