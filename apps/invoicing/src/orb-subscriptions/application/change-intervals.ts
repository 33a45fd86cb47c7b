import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId } from '@orbit/kernel';
import { notFound, refused } from '@orbit/orb-api';
import type { Fields } from '../../catalogue/domain/faults.js';
import type { BillingCustomers, Subscriptions } from '../../billing/domain/stores.js';
import { against, ok, wrong, type Outcome } from '../../billing/domain/refusals.js';
import { statusAt } from '../../timeline/domain/position.js';
import type { Timeline } from '../../timeline/domain/timeline.js';
import {
  overlapFault,
  withEditedAdjustment,
  withEditedPrice,
  type SpanEdit,
} from '../domain/interval-changes.js';
import { listOf } from '../domain/own-effects.js';
import { canDeferIn, instantOf, transitionsIn, type Touched } from '../domain/interval-entry.js';
import { addIntervals } from './add-intervals.js';
import type { AgreementReads } from './agree-on-plan.js';
import type { Changed, ChangeFacts, ChangeSubscription } from './change-subscription.js';
import { readIntervals, type IntervalsAsked } from './read-intervals.js';

/** Adds, edits and removes intervals of prices and adjustments, all or none of them. */
export class ChangeIntervals {
  constructor(
    private readonly subscriptions: Pick<Subscriptions, 'read'>,
    private readonly customers: BillingCustomers,
    private readonly reads: AgreementReads,
    private readonly change: ChangeSubscription,
  ) {}

  async run(call: OrbCall): Promise<OrbAnswer> {
    const { account, path } = call;
    const id = path['subscription_id'] ?? '';
    const seen = await this.subscriptions.read(account.id, id);
    if (!seen) return refused(notFound('subscription', id));
    const customer = await this.customers.find(account.id, { id: seen.customerId });
    if (!customer) return refused(notFound('customer', seen.customerId));
    const asked = await readIntervals(this.reads, call, customer, seen);
    if (!asked.ok) return refused(asked.refusal);
    return this.change.run('add-edit-price-intervals', call, (facts) =>
      changed(call.body, facts, asked.value),
    );
  }
}

/** Edits existing intervals first: an interval may end where another one of its price begins. */
async function changed(
  body: Fields,
  facts: ChangeFacts,
  asked: IntervalsAsked,
): Promise<Outcome<Changed>> {
  const { subscription, nowMs } = facts;
  if (statusAt(subscription.timeline, nowMs) === 'ended') {
    return against('The subscription has ended already.');
  }
  const edited = editPrices(body, facts);
  if (!edited.ok) return edited;
  const adjusted = editAdjustments(body, edited.value.timeline, facts);
  if (!adjusted.ok) return adjusted;
  const added = await addIntervals(body, facts, adjusted.value, asked);
  if (!added.ok) return added;
  const { timeline, write } = added.value;
  for (const { field, ids, hasDay } of [...edited.value.touched, ...added.value.touched]) {
    const clash = overlapFault(timeline, ids, hasDay);
    if (clash !== null) return wrong(`${field}: ${clash}`);
  }
  return ok({ ...subscription, timeline, write });
}

function editPrices(
  body: Fields,
  { subscription, nowMs }: ChangeFacts,
): Outcome<{ readonly timeline: Timeline; readonly touched: readonly Touched[] }> {
  let { timeline } = subscription;
  const touched: Touched[] = [];
  for (const [index, entry] of listOf(body, 'edit').entries()) {
    const field = `edit[${String(index)}]`;
    const id = String(entry['price_interval_id']);
    const isTwice =
      listOf(body, 'edit').findIndex((one) => one['price_interval_id'] === id) !== index;
    if (isTwice) return wrong(`${field}.price_interval_id: ${id} is edited twice`);
    const span = spanEditIn(entry, field, id, subscription.timeline, nowMs);
    if (!span.ok) return span;
    const day = (entry['billing_cycle_day'] ?? null) as number | null;
    if (day !== null && (day < 1 || day > 31))
      return wrong(`${field}.billing_cycle_day: must be 1 to 31`);
    const transitions = transitionsIn(entry, field, timeline.timezone);
    if (!transitions.ok) return transitions;
    const canDefer = canDeferIn(entry, body, span.value.endMs ?? null);
    const edit = {
      ...span.value,
      ...(day === null ? {} : { cycleDay: day }),
      ...(transitions.value === null ? {} : { transitions: transitions.value }),
      ...(entry['filter'] === undefined ? {} : { filter: entry['filter'] as string | null }),
      ...(entry['usage_customer_ids'] === undefined
        ? {}
        : { usageCustomerIds: entry['usage_customer_ids'] as readonly string[] | null }),
      ...(canDefer === null ? {} : { canDefer }),
    };
    const made = withEditedPrice(timeline, edit, nowMs, () => newId('pi', nowMs));
    if (!made.ok) return made;
    ({ timeline } = made.value);
    touched.push({ field, ids: made.value.ids, hasDay: day !== null });
  }
  return ok({ timeline, touched });
}

function editAdjustments(
  body: Fields,
  before: Timeline,
  { subscription, nowMs }: ChangeFacts,
): Outcome<Timeline> {
  let timeline = before;
  const edits = listOf(body, 'edit_adjustments');
  for (const [index, entry] of edits.entries()) {
    const field = `edit_adjustments[${String(index)}]`;
    const id = String(entry['adjustment_interval_id']);
    const isTwice = edits.findIndex((one) => one['adjustment_interval_id'] === id) !== index;
    if (isTwice) return wrong(`${field}.adjustment_interval_id: ${id} is edited twice`);
    const span = spanEditIn(entry, field, id, subscription.timeline, nowMs);
    if (!span.ok) return span;
    const made = withEditedAdjustment(timeline, span.value);
    if (!made.ok) return made;
    timeline = made.value;
  }
  return ok(timeline);
}

function spanEditIn(
  entry: Fields,
  field: string,
  id: string,
  timeline: Timeline,
  nowMs: number,
): Outcome<SpanEdit> {
  const start = instantOf(entry['start_date'] ?? null, `${field}.start_date`, timeline, nowMs);
  if (!start.ok) return start;
  const end = instantOf(entry['end_date'] ?? null, `${field}.end_date`, timeline, nowMs);
  if (!end.ok) return end;
  return ok({
    ...{ field, id },
    ...(start.value === null ? {} : { startMs: start.value }),
    ...(entry['end_date'] === undefined ? {} : { endMs: end.value }),
  });
}
