import type { ConfigReader } from './config.js';
import { Decimal } from './decimal.js';
import type { Rating } from './rating.js';
import type { Usage } from './usage.js';

/** Part of a whole: civil days that a price was active, of the days of its full period. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export const WHOLE: Fraction = { numerator: 1n, denominator: 1n };

/** Facts that a rating depends on besides the usage. */
export interface RatingTerms {
  /** How much of the full period the price was active. The denominator is the full civil period, always. */
  readonly proration: Fraction;
  /** Subtotals of the prices that a composite price stands on. */
  readonly components: readonly Decimal[];
}

export const FULL_PERIOD: RatingTerms = { proration: WHOLE, components: [] };

/** A price model with its configuration read. Pure. */
export interface PriceModel {
  /** Properties by which usage must be split before it is rated. */
  readonly dimensions: readonly string[];
  rate(usage: Usage, terms: RatingTerms): Rating;
}

/** Reads the configuration of one model; faults are gathered in the reader. */
export type ReadModel = (config: ConfigReader) => PriceModel;

export const isWhole = ({ numerator, denominator }: Fraction): boolean => numerator === denominator;

export const portionOf = (amount: Decimal, { numerator, denominator }: Fraction): Decimal =>
  numerator === denominator
    ? amount
    : amount.times(Decimal.of(numerator)).dividedBy(Decimal.of(denominator));

export const portionText = ({ numerator, denominator }: Fraction): string =>
  `${numerator.toString()}/${denominator.toString()}`;
