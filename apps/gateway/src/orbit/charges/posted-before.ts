import {
  ALLOWANCE_KEY,
  allowanceShareMicros,
  allowanceUnitOf,
  PRICE_KEYS,
  readSplit,
  splitOf,
  unitMicros,
  type AllowanceSplit,
} from '@orbit/allowances';
import type { BookedCharge, ChargeOutcomeView } from '@orbit/contracts';
import { parseAmount, requireAmount } from '@orbit/money';
import type { ChargeIntent } from '@orbit/spend';

/** How the first call of a posted charge was paid; null terms: the wallet paid alone. */
export interface PostedBefore {
  readonly terms: AllowanceSplit | null;
}

/**
 * Whether a posted charge is the same request again, by the fields that Redis would compare: channel, quantity,
 * metadata, and the price in all, whatever a plan paid of it and however little of it was captured. Null: it is
 * another charge.
 */
export function readPostedBefore(
  intent: ChargeIntent,
  outcome: ChargeOutcomeView,
): PostedBefore | null {
  const { currency, amount, booked } = outcome;
  if (booked === undefined) return readOutcomeAlone(intent, outcome);
  if (booked.channel !== intent.channel) return null;
  if (textOf(booked.metadata) !== textOf(intent.metadata)) return null;
  if (booked.is_plan_part) return readPart(intent, currency, amount, booked);
  const { metadata, quantity } = booked;
  const terms = readSplit({ currency, quantity, metadata });
  if (terms !== null) {
    const isSame =
      terms.priceMicros === intent.amountMicros &&
      terms.quantity === intent.quantity &&
      metadata[PRICE_KEYS.currency] === intent.currency;
    return isSame ? { terms } : null;
  }
  if (currency !== intent.currency || quantity !== intent.quantity) return null;
  const asked = [amount, booked.authorized].map(requireAmount);
  return asked.includes(intent.amountMicros) ? { terms: null } : null;
}

/** A ledger of the version before says no more: then what was charged whole is known again. */
function readOutcomeAlone(intent: ChargeIntent, outcome: ChargeOutcomeView): PostedBefore | null {
  const { channel, quantity, currency, amountMicros } = intent;
  const postedMicros = requireAmount(outcome.amount);
  if (outcome.currency === currency && postedMicros === amountMicros) return { terms: null };
  const unit = allowanceUnitOf(channel);
  const isWhole = outcome.currency === unit && postedMicros === unitMicros(quantity);
  if (unit === null || !isWhole) return null;
  return { terms: splitOf(intent, unit, quantity) };
}

/** The units that the plan pays are known, and their share of the price; the price in all must come to it. */
function readPart(
  intent: ChargeIntent,
  currency: string,
  amount: string,
  { quantity: covered, metadata }: BookedCharge,
): PostedBefore | null {
  const unit = allowanceUnitOf(intent.channel);
  if (unit === null || covered >= intent.quantity) return null;
  const terms = splitOf(intent, unit, covered);
  const isInUnits = currency === unit;
  const share = parseAmount(isInUnits ? metadata[PRICE_KEYS.amount] : amount);
  const shareCurrency = isInUnits ? metadata[PRICE_KEYS.currency] : currency;
  const isSame =
    share.ok &&
    share.amountMicros === allowanceShareMicros(terms) &&
    shareCurrency === intent.currency;
  return isSame ? { terms } : null;
}

const OWN_KEYS: readonly string[] = [ALLOWANCE_KEY, ...Object.values(PRICE_KEYS)];

/** The caller's metadata as text; it is flat. */
function textOf(metadata: Readonly<Record<string, unknown>>): string {
  const own = Object.entries(metadata).filter(([key]) => !OWN_KEYS.includes(key));
  return JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}
