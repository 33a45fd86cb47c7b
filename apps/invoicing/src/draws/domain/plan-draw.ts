import { DRAW_PARTS_MAX } from '@orbit/contracts';
import { isCurrency, MICROS_MAX } from '@orbit/money';
import { Decimal, decimal, type Usage } from '@orbit/pricing';
import { adjustCharges } from '../../billing/domain/adjust-charges.js';
import type { InvoiceLine } from '../../billing/domain/print-line.js';
import { rateCharges } from '../../billing/domain/rate-charges.js';
import type { UsageAsk } from '../../billing/domain/subscription.js';
import type { Charge } from '../../timeline/domain/charges.js';
import { midnightMs } from '../../timeline/domain/civil.js';
import type { Timeline } from '../../timeline/domain/timeline.js';
import { daysOf } from '../../timeline/domain/windows.js';
import type { DrawPart, DrawPlan } from './draw-plan.js';

/** Prepaid credit pays what is charged in arrears, in the currency or unit of its price. */
export const isDrawn = ({ terms, interval }: Charge): boolean =>
  !terms.isInAdvance && !interval.isTrial && isCurrency(terms.currency);

/** Currencies and units of the wallets that may pay any of these charges. */
export const currenciesOf = (charges: readonly Charge[]): readonly string[] => [
  ...new Set(charges.filter(isDrawn).map(({ terms }) => terms.currency)),
];

const keyAt = (key: string, dayEndMs: number): string => `${key}#${String(dayEndMs)}`;

/** Asks for the usage of each charge by the end of each of its local days but the last. */
export function dailyAsks(asks: readonly UsageAsk[], timezone: string): readonly UsageAsk[] {
  return asks.flatMap((ask) =>
    daysOf(ask, timezone)
      .slice(0, -1)
      .map(({ endMs }) => ({ ...ask, key: keyAt(ask.key, endMs), endMs })),
  );
}

export interface PricedCharges {
  readonly timeline: Timeline;
  /** Those that are charged for the first time are split by days; what earlier ones grew by is not. */
  readonly fresh: readonly Charge[];
  readonly earlier: readonly Charge[];
  /** As priced, before credit. */
  readonly lines: readonly InvoiceLine[];
  /** Of whole charges. */
  readonly usage: ReadonlyMap<string, Usage>;
  /** As `dailyAsks` asks. */
  readonly daily: ReadonlyMap<string, Usage>;
}

/**
 * Splits the lines of a document into what each local day of them cost: C(d) − C(d − 1), where C(d) is the line as if
 * its period ended with day d. Their sum is the line as printed. Minimums enter with the last day, and what a day takes
 * back comes off the latest days before it. In the order of days, then of price intervals. `held`: nothing else is
 * asked for.
 */
export function planDraw(priced: PricedCharges, held: ReadonlySet<string>): DrawPlan {
  const byKey = new Map(priced.lines.map((line) => [line.chargeKey, line]));
  const plan: Record<string, DrawPart[]> = {};
  const { timezone } = priced.timeline;
  const put = (charge: Charge, line: InvoiceLine, fromMs: number, amount: Decimal): void => {
    const { currency } = charge.terms;
    (plan[currency] ??= []).push({
      ...{ lineId: line.id, priceId: charge.interval.price.id, chargeKey: charge.key },
      // No wallet holds more.
      amount: amount.min(WALLET_MAX).toString(),
      usedAtMs: midnightMs(fromMs, timezone),
    });
  };
  const charges = (some: readonly Charge[]) =>
    some.filter((charge) => isDrawn(charge) && held.has(charge.terms.currency));
  for (const charge of charges(priced.earlier)) {
    const line = byKey.get(charge.key);
    const gross = line && grossOf(line);
    if (gross && gross.digits > 0n) put(charge, line, charge.endMs - 1, gross);
  }
  const costs = costsByDay(priced);
  for (const charge of charges(priced.fresh)) {
    const line = byKey.get(charge.key);
    if (!line) continue;
    const gross = grossOf(line);
    const days = daysOf(charge, timezone);
    const prior = priorOf(line);
    const ends = days.map(({ endMs }, index) => {
      if (index === days.length - 1) return gross;
      const cost = costs.get(keyAt(charge.key, endMs)) ?? Decimal.ZERO;
      return prior.isZero ? cost : cost.minus(prior).max(Decimal.ZERO);
    });
    for (const [index, amount] of partsOf(ends).entries()) {
      const day = days[index];
      if (day && amount.digits > 0n) put(charge, line, day.startMs, amount);
    }
  }
  return Object.fromEntries(
    Object.entries(plan).map(([currency, parts]) => [currency, fewer(inOrder(parts))]),
  );
}

/** The price of a line's period before credit, in the unit of its price. */
export const wholeOf = ({ body }: InvoiceLine): Decimal =>
  decimal(String(body['adjusted_subtotal']));

/** The part that partial invoices took of it before, in the unit of its price. */
const priorOf = ({ prior }: InvoiceLine): Decimal => (prior ? decimal(prior.gross) : Decimal.ZERO);

/** The part that the line itself bills. */
export const grossOf = (line: InvoiceLine): Decimal => wholeOf(line).minus(priorOf(line));

/** C(d) of every day but the last of each charge. */
function costsByDay({
  timeline,
  fresh,
  usage,
  daily,
}: PricedCharges): ReadonlyMap<string, Decimal> {
  const arrears = fresh.filter(({ terms }) => !terms.isInAdvance);
  const ends = new Set(
    arrears.flatMap((charge) =>
      daysOf(charge, timeline.timezone)
        .slice(0, -1)
        .map((day) => day.endMs),
    ),
  );
  // Minimums are of whole periods.
  const adjustments = timeline.adjustments.filter(
    ({ adjustment }) => adjustment.adjustment_type !== 'minimum',
  );
  const costs = new Map<string, Decimal>();
  for (const endMs of ends) {
    const begun = arrears
      .filter((charge) => charge.startMs < endMs)
      .map((charge) => ({ ...charge, endMs: Math.min(charge.endMs, endMs) }));
    const used = new Map(
      begun.map(({ key }) => [key, daily.get(keyAt(key, endMs)) ?? usage.get(key) ?? []] as const),
    );
    const rated = rateCharges(begun, used, timeline);
    for (const { rated: one, amount } of adjustCharges(rated, adjustments, () => MICROS_PLACES)) {
      costs.set(keyAt(one.charge.key, endMs), amount);
    }
  }
  return costs;
}

const MICROS_PLACES = 6;
const WALLET_MAX = Decimal.scaled(MICROS_MAX, MICROS_PLACES);

/** Differences of running sums, none below 0; their sum is the last of them. */
function partsOf(ends: readonly Decimal[]): readonly Decimal[] {
  const parts: Decimal[] = [];
  let before = Decimal.ZERO;
  for (const end of ends) {
    let part = end.minus(before);
    before = end;
    for (let index = parts.length - 1; index >= 0 && part.isNegative; index--) {
      const rest = (parts[index] as Decimal).plus(part);
      parts[index] = rest.max(Decimal.ZERO);
      part = rest.min(Decimal.ZERO);
    }
    parts.push(part.max(Decimal.ZERO));
  }
  return parts;
}

const inOrder = (parts: readonly DrawPart[]): readonly DrawPart[] =>
  [...parts].sort((a, b) => a.usedAtMs - b.usedAtMs);

/** No more parts than one request may hold: neighbouring days of a line fall together until they fit. */
function fewer(parts: readonly DrawPart[]): readonly DrawPart[] {
  if (parts.length <= DRAW_PARTS_MAX) return parts;
  const seen = new Map<string, number>();
  const merged = new Map<string, DrawPart>();
  for (const part of parts) {
    const count = seen.get(part.lineId) ?? 0;
    seen.set(part.lineId, count + 1);
    const name = `${part.lineId} ${String(Math.floor(count / 2))}`;
    const first = merged.get(name);
    const amount = first && decimal(first.amount).plus(decimal(part.amount)).toString();
    merged.set(name, first && amount !== undefined ? { ...first, amount } : part);
  }
  const halved = inOrder([...merged.values()]);
  return halved.length < parts.length ? fewer(halved) : halved.slice(0, DRAW_PARTS_MAX);
}
