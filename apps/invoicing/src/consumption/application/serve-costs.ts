import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import { answered, notFound, refused, type OrbRefusal } from '@orbit/orb-api';
import { Decimal } from '@orbit/pricing';
import { adjustCharges, type AdjustedCharge } from '../../billing/domain/adjust-charges.js';
import { printAmount } from '../../billing/domain/print-line.js';
import { rateCharges } from '../../billing/domain/rate-charges.js';
import type { Period } from '../../timeline/domain/cycle.js';
import { chargesIn, type Charge } from '../../timeline/domain/charges.js';
import { currentPeriod } from '../../timeline/domain/position.js';
import { daysOf, periodsIn } from '../../timeline/domain/windows.js';
import { asksOf } from '../../billing/domain/usage-asks.js';
import { converted, currencyOf, placesOf } from '../../billing/domain/billed.js';
import { readWindow } from '../../billing/domain/read-window.js';
import type { Subscription } from '../../billing/domain/subscription.js';
import type { CountedUsage, KnownSubscriptions, KnownCustomers } from './ports.js';

type Fields = Readonly<Record<string, unknown>>;

/** The cost of subscriptions from the start of a period up to a day. */
interface CostRow extends Period {
  readonly charges: readonly AdjustedCharge[];
}

/** Costs day by day. Errors: usage-metering's unavailable and timeout. */
export class ServeCosts {
  constructor(
    private readonly subscriptions: KnownSubscriptions,
    private readonly customers: KnownCustomers,
    private readonly usage: CountedUsage,
    private readonly clock: AccountClock,
  ) {}

  async ofSubscription(call: OrbCall): Promise<OrbAnswer> {
    const id = call.path['subscription_id'] ?? '';
    const subscription = await this.subscriptions.read(call.account.id, id);
    if (!subscription) return refused(notFound('subscription', id));
    return this.answer(call, subscription.customerId, [subscription]);
  }

  async ofCustomer(call: OrbCall): Promise<OrbAnswer> {
    const id = call.customer?.id ?? '';
    return this.answer(call, id, await this.subscriptions.listOf(call.account.id, id));
  }

  private async answer(
    call: OrbCall,
    customerId: string,
    subscriptions: readonly Subscription[],
  ): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const customer = await this.customers.find(accountId, { id: customerId });
    if (!customer) return refused(notFound('customer', customerId));
    const nowMs = await this.clock.nowMs(accountId);
    const rows: CostRow[] = [];
    for (const subscription of subscriptions) {
      const found = await this.rowsOf(call, subscription, nowMs);
      if ('code' in found) return refused(found);
      rows.push(...found);
    }
    const places = placesOf(currencyOf(customer));
    const merged = mergedRows(rows);
    const isPeriodic = call.query['view_mode'] === 'periodic';
    return answered(200, {
      data: isPeriodic ? periodic(merged, places) : cumulative(merged, places),
    });
  }

  private async rowsOf(
    call: OrbCall,
    subscription: Subscription,
    nowMs: number,
  ): Promise<readonly CostRow[] | OrbRefusal> {
    const { timeline } = subscription;
    const { timezone } = timeline;
    const asked = readWindow(call, timezone);
    if (!asked.ok) return asked.refusal;
    const window = asked.value ?? currentPeriod(timeline, nowMs);
    if (!window) return [];
    const currency = call.query['currency'];
    const cuts = periodsIn(timeline, window).flatMap((period) => {
      const charges = chargesIn(timeline, period).filter(
        ({ terms }) => currency === undefined || terms.currency === currency,
      );
      const within = { startMs: period.startMs, endMs: Math.min(period.endMs, window.endMs) };
      return daysOf(within, timezone)
        .filter(({ endMs }) => endMs > window.startMs)
        .map(({ endMs }) => ({ startMs: period.startMs, endMs, charges }));
    });
    const asks = cuts.flatMap(({ endMs, charges }) =>
      asksOf(subscription, charges).flatMap((ask) =>
        ask.startMs < endMs
          ? [{ ...ask, key: `${ask.key}#${String(endMs)}`, endMs: Math.min(ask.endMs, endMs) }]
          : [],
      ),
    );
    const counted = await this.usage.read(call.account.id, asks);
    return cuts.map(({ startMs, endMs, charges }) => {
      const begun = charges.filter((charge) => charge.startMs < endMs);
      const usage = new Map(
        begun.map(({ key }) => [key, counted.get(`${key}#${String(endMs)}`) ?? []] as const),
      );
      const rated = rateCharges(begun, usage, timeline);
      return { startMs, endMs, charges: adjustCharges(rated, timeline.adjustments, placesOf) };
    });
  }
}

/** Rows of several subscriptions over the same days are one. */
function mergedRows(rows: readonly CostRow[]): readonly CostRow[] {
  const merged = new Map<string, CostRow>();
  for (const row of rows) {
    const key = `${String(row.startMs)} ${String(row.endMs)}`;
    const known = merged.get(key);
    merged.set(key, known ? { ...known, charges: [...known.charges, ...row.charges] } : row);
  }
  return [...merged.values()].sort((a, b) => a.endMs - b.endMs || a.startMs - b.startMs);
}

interface PriceCost {
  readonly charge: Charge;
  readonly quantity: Decimal;
  readonly subtotal: Decimal;
  readonly total: Decimal;
}

function costsByPrice({ charges }: CostRow): ReadonlyMap<string, PriceCost> {
  const costs = new Map<string, PriceCost>();
  for (const { rated, subtotal, amount } of charges) {
    const { id } = rated.charge.interval.price;
    const before = costs.get(id);
    costs.set(id, {
      charge: rated.charge,
      quantity: rated.quantity.plus(before?.quantity ?? Decimal.ZERO),
      subtotal: converted(subtotal, rated.charge.terms).plus(before?.subtotal ?? Decimal.ZERO),
      total: converted(amount, rated.charge.terms).plus(before?.total ?? Decimal.ZERO),
    });
  }
  return costs;
}

const cumulative = (rows: readonly CostRow[], places: number): readonly Fields[] =>
  rows.map((row) => shown(row, costsByPrice(row), new Map(), places));

/** The difference of each day from the day before in its period. */
function periodic(rows: readonly CostRow[], places: number): readonly Fields[] {
  return rows.map((row) => {
    const before = rows
      .filter((one) => one.startMs === row.startMs && one.endMs < row.endMs)
      .at(-1);
    const day = { ...row, startMs: before?.endMs ?? row.startMs };
    const earlier = before ? costsByPrice(before) : new Map<string, PriceCost>();
    return shown(day, costsByPrice(row), earlier, places);
  });
}

function shown(
  { startMs, endMs }: Period,
  costs: ReadonlyMap<string, PriceCost>,
  earlier: ReadonlyMap<string, PriceCost>,
  places: number,
): Fields {
  const zero = Decimal.ZERO;
  const each = [...costs].map(([id, cost]) => {
    const before = earlier.get(id);
    const isUsage = cost.charge.terms.kind === 'usage';
    return {
      id,
      price: cost.charge.interval.price,
      quantity: isUsage ? cost.quantity.minus(before?.quantity ?? zero) : cost.quantity,
      subtotal: cost.subtotal.minus(before?.subtotal ?? zero),
      total: cost.total.minus(before?.total ?? zero),
    };
  });
  const sum = (values: readonly Decimal[]): string =>
    printAmount(
      values.reduce((total, value) => total.plus(value), zero),
      places,
    );
  return {
    timeframe_start: new Date(startMs).toISOString(),
    timeframe_end: new Date(endMs).toISOString(),
    subtotal: sum(each.map(({ subtotal }) => subtotal)),
    total: sum(each.map(({ total }) => total)),
    per_price_costs: each.map(({ id, price, quantity, subtotal, total }) => ({
      price_id: id,
      price,
      quantity: Number(quantity.toString()),
      subtotal: printAmount(subtotal, places),
      total: printAmount(total, places),
    })),
  };
}
