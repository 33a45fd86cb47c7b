import { allocate, isIsoCurrency } from '@orbit/money';
import { adjust, Decimal, parseDecimal, sumOf, type Adjustment, type Usage } from '@orbit/pricing';
import { decimalOf, type ContractAdjustment } from '../../timeline/domain/terms.js';
import { contains, type AdjustmentInterval } from '../../timeline/domain/timeline.js';
import { appliesTo } from './applies-to.js';
import type { RatedCharge } from './rate-charge.js';

/** How much one adjustment changed a line; negative for a discount. */
export interface LineEffect {
  readonly adjustment: ContractAdjustment;
  readonly amount: Decimal;
}

/** A charge as it is printed: amounts are rounded HALF_UP, in the currency or unit of its price. */
export interface AdjustedCharge {
  readonly rated: RatedCharge;
  readonly subtotal: Decimal;
  readonly effects: readonly LineEffect[];
  readonly amount: Decimal;
}

/**
 * Adjusts charges and rounds them. Charges that fall due together and are both in advance or both in arrears are
 * adjusted together, those of each unit by themselves; so what is charged in advance is known without the usage of the
 * period before it. What an amount off the invoice leaves of itself in advance is taken off in arrears.
 */
export function adjustCharges(
  rated: readonly RatedCharge[],
  adjustments: readonly AdjustmentInterval[],
  placesOf: (currency: string) => number,
): readonly AdjustedCharge[] {
  const groups = new Map<string, RatedCharge[]>();
  for (const each of rated.filter(({ charge }) => !charge.interval.isTrial)) {
    const { dueMs, terms } = each.charge;
    const name = `${String(dueMs)} ${String(terms.isInAdvance)}`;
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  const tried = rated
    .filter(({ charge }) => charge.interval.isTrial)
    .map((each) => print(each, [trialOf(each)], Decimal.ZERO, placesOf(currencyOf(each))));
  const used = new Map<string, Decimal>();
  const inAdvance = [...groups.values()].filter(isInAdvance);
  const inArrears = [...groups.values()].filter((group) => !isInAdvance(group));
  const charged = [...inAdvance, ...inArrears].flatMap((group) => {
    const units = new Set(group.map(currencyOf));
    return [...units].flatMap((unit) => {
      const lines = group.filter((each) => currencyOf(each) === unit);
      // An amount is of one currency: where lines count in several, it is money.
      const takesAmounts = units.size === 1 || isIsoCurrency(unit);
      const taken = takesAmounts
        ? adjustments
        : adjustments.filter(({ adjustment }) => !isAmount(adjustment));
      return adjustGroup(lines, taken, placesOf(unit), used);
    });
  });
  return [...tried, ...charged];
}

const isInAdvance = ([first]: readonly RatedCharge[]): boolean =>
  first?.charge.terms.isInAdvance === true;

/** Its first day counts for what is charged in advance, its last day for what falls due in arrears. */
const counts = (interval: AdjustmentInterval, { terms, dueMs }: RatedCharge['charge']): boolean =>
  terms.isInAdvance
    ? contains(interval, dueMs)
    : interval.startMs < dueMs && (interval.endMs === null || dueMs <= interval.endMs);

const currencyOf = ({ charge }: RatedCharge): string => charge.terms.currency;

const isAmount = ({ adjustment_type: type }: ContractAdjustment): boolean =>
  type === 'amount_discount' || type === 'minimum' || type === 'maximum';

/** A trial's adjustment: it takes off everything, before any other adjustment counts. */
const trialOf = ({ charge, amount }: RatedCharge): LineEffect => ({
  amount: amount.negated(),
  adjustment: {
    ...{ id: `trial_${charge.interval.id}`, adjustment_type: 'percentage_discount' },
    ...{ percentage_discount: 1, is_invoice_level: false, filters: [], reason: 'Trial' },
    ...{ applies_to_price_ids: [charge.interval.price.id], replaces_adjustment_id: null },
    plan_phase_order: null,
  },
});

function adjustGroup(
  group: readonly RatedCharge[],
  intervals: readonly AdjustmentInterval[],
  places: number,
  /** The sums that amounts off the invoice took already, by adjustment and day. */
  used: Map<string, Decimal>,
): readonly AdjustedCharge[] {
  const known = new Map<string, ContractAdjustment>();
  const dueMs = String(group[0]?.charge.dueMs);
  const applied = intervals.flatMap((interval): Adjustment[] => {
    const keys = group
      .filter(({ charge }) => counts(interval, charge))
      .filter(({ charge }) => appliesTo(interval.adjustment, charge.interval.price))
      .map(({ charge }) => charge.key);
    if (keys.length === 0) return [];
    known.set(interval.id, interval.adjustment);
    // Over its lines together, or to each line alone.
    const sets =
      interval.adjustment['is_invoice_level'] === false ? keys.map((key) => [key]) : [keys];
    return sets.map((set) => {
      const made = toAdjustment(interval.id, new Set(set), interval.adjustment);
      const before = used.get(`${interval.id} ${dueMs}`);
      if (made.type !== 'amount_discount' || !before) return made;
      return { ...made, amount: made.amount.minus(before) };
    });
  });
  const lines = group.map((each) => ({
    priceId: each.charge.key,
    quantity: each.quantity,
    amount: each.amount,
    rateAt: (quantity: Decimal): Decimal => rateAt(each, quantity),
  }));
  const { lines: adjusted } = adjust(lines, applied, places);
  for (const { adjustmentId, amount } of adjusted.flatMap(({ effects }) => effects)) {
    const name = `${adjustmentId} ${dueMs}`;
    if (known.get(adjustmentId)?.['is_invoice_level'] === false) continue;
    used.set(name, (used.get(name) ?? Decimal.ZERO).minus(amount));
  }
  const printed = adjusted.map((line, index) => {
    const effects = line.effects.map(({ adjustmentId, amount }) => ({
      adjustment: known.get(adjustmentId) as ContractAdjustment,
      amount,
    }));
    return print(group[index] as RatedCharge, effects, line.amount, places);
  });
  return applied.reduce<readonly AdjustedCharge[]>(
    (sofar, each) => raise(sofar, each, known, places),
    printed,
  );
}

/** Subtotal, effects and amount in whole minor units; the last effect takes what rounding leaves. */
function print(
  rated: RatedCharge,
  effects: readonly LineEffect[],
  exact: Decimal,
  places: number,
): AdjustedCharge {
  const subtotal = rated.amount.round(places, 'HALF_UP');
  const amount = exact.round(places, 'HALF_UP');
  const rounded = effects.map((each) => ({
    ...each,
    amount: each.amount.round(places, 'HALF_UP'),
  }));
  const last = rounded.pop();
  if (!last) return { rated, subtotal: amount, effects: [], amount };
  const others = sumOf(rounded.map((each) => each.amount));
  const rest = amount.minus(subtotal).minus(others);
  return { rated, subtotal, effects: [...rounded, { ...last, amount: rest }], amount };
}

/** Spreads the rest up to a minimum over its lines by their amounts, in whole minor units. */
function raise(
  charges: readonly AdjustedCharge[],
  adjustment: Adjustment,
  known: ReadonlyMap<string, ContractAdjustment>,
  places: number,
): readonly AdjustedCharge[] {
  if (adjustment.type !== 'minimum') return charges;
  const targets = charges.filter(({ rated }) => adjustment.priceIds.has(rated.charge.key));
  const missing = adjustment.amount
    .round(places, 'HALF_UP')
    .minus(sumOf(targets.map(({ amount }) => amount)));
  if (missing.digits <= 0n) return charges;
  const amounts = targets.map(({ amount }) => amount.max(Decimal.ZERO).digitsAt(places));
  const isNothing = amounts.every((amount) => amount === 0n);
  const parts = allocate(missing.digitsAt(places), isNothing ? amounts.map(() => 1n) : amounts);
  return charges.map((each) => {
    const part = parts[targets.indexOf(each)] ?? 0n;
    if (part === 0n) return each;
    const amount = Decimal.scaled(part, places);
    const effect = { adjustment: known.get(adjustment.id) as ContractAdjustment, amount };
    return { ...each, effects: [...each.effects, effect], amount: each.amount.plus(amount) };
  });
}

/** The line at less usage: what is split is taken off each part in proportion. */
function rateAt(
  { charge, usage, quantity, amount, licensed = Decimal.ZERO }: RatedCharge,
  wanted: Decimal,
): Decimal {
  if (quantity.isZero) return amount;
  const rest: Usage =
    usage.length === 0
      ? [{ values: {}, quantity: wanted }]
      : usage.map((row) => ({ ...row, quantity: row.quantity.times(wanted).dividedBy(quantity) }));
  const rating = charge.terms.model.rate(rest, {
    proration: { numerator: 1n, denominator: 1n },
    components: [],
  });
  return licensed.isZero ? rating.amount : rating.amount.minus(licensed).max(Decimal.ZERO);
}

function toAdjustment(
  id: string,
  priceIds: ReadonlySet<string>,
  fields: ContractAdjustment,
): Adjustment {
  const common = { id, priceIds };
  switch (fields.adjustment_type) {
    case 'usage_discount':
      return { ...common, type: 'usage_discount', quantity: decimalOf(fields['usage_discount']) };
    case 'amount_discount':
      return { ...common, type: 'amount_discount', amount: decimalOf(fields['amount_discount']) };
    case 'percentage_discount': {
      const fraction = decimalOf(fields['percentage_discount']);
      return { ...common, type: 'percentage_discount', fraction };
    }
    case 'tiered_percentage_discount':
      return { ...common, type: 'tiered_percentage_discount', tiers: tiersOf(fields['tiers']) };
    case 'minimum':
      return { ...common, type: 'minimum', amount: decimalOf(fields['minimum_amount']) };
    default:
      return { ...common, type: 'maximum', amount: decimalOf(fields['maximum_amount']) };
  }
}

const tiersOf = (tiers: unknown) =>
  (tiers as readonly Readonly<Record<string, unknown>>[]).map((tier) => ({
    lowerBound:
      parseDecimal(String(tier['lower_bound'] ?? tier['first_amount'] ?? '0')) ?? Decimal.ZERO,
    upperBound: boundOf(tier['upper_bound'] ?? tier['last_amount'] ?? null),
    fraction: decimalOf(tier['percentage']),
  }));

const boundOf = (bound: unknown): Decimal | null => (bound === null ? null : decimalOf(bound));
