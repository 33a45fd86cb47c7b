/**
 * Customers and subscriptions of a billing run: eight prices of usage and two fees, all in arrears and monthly, all due
 * on the same day. They are put in by SQL; what the run makes of them is checked against prices known by heart.
 */
import { decimal } from '@orbit/pricing';

export const ACCOUNT = 'acct_bench';
export const START_MS = Date.parse('2026-03-01T00:00:00Z');
export const DUE_MS = Date.parse('2026-04-01T00:00:00Z');
/** Half a day later what was used in March is final. */
export const ISSUE_MS = Date.parse('2026-04-01T12:00:00Z');
export const LINES = 10;
const USAGE_LINES = 8;
/** The counted usage of each price in March, in calls. */
export const QUANTITY = '1500';
const BATCH = 500;

const TIERS = [
  { first_unit: 0, last_unit: 1_000, unit_amount: '0.01' },
  { first_unit: 1_000, last_unit: null, unit_amount: '0.005' },
];

const common = (index) => ({
  id: `price_${index}`,
  name: `Line ${index}`,
  ...{ external_price_id: null, replaces_price_id: null, metadata: {} },
  created_at: '2026-01-01T00:00:00.000Z',
  ...{ cadence: 'monthly', billing_mode: 'in_arrear' },
  billing_cycle_configuration: { duration: 1, duration_unit: 'month' },
  ...{ invoicing_cycle_configuration: null, plan_phase_order: null, currency: 'USD' },
  ...{ conversion_rate: null, conversion_rate_config: null, credit_allocation: null },
  ...{ composite_price_filters: null, invoice_grouping_key: null },
  item: { id: 'item_1', name: 'Item' },
  ...{ discount: null, minimum: null, minimum_amount: null, maximum: null, maximum_amount: null },
});

const usage = (index) => ({
  ...common(index),
  ...{ price_type: 'usage_price', billable_metric: { id: `metric_${index}` } },
  fixed_price_quantity: null,
  ...(index % 2 === 0
    ? { model_type: 'unit', unit_config: { unit_amount: '0.0075' } }
    : { model_type: 'tiered', tiered_config: { tiers: TIERS } }),
});

const fee = (index) => ({
  ...common(index),
  ...{ price_type: 'fixed_price', billable_metric: null, fixed_price_quantity: 1 },
  ...{ model_type: 'unit', unit_config: { unit_amount: '10.00' } },
});

/** 1,500 × 0.0075 and 1,000 × 0.01 + 500 × 0.005, four times each, and two fees of 10. */
export const TOTAL = decimal('11.25')
  .plus(decimal('12.50'))
  .times(decimal('4'))
  .plus(decimal('20'))
  .toString();

const interval = (price, id) => ({
  id,
  price,
  ...{ startMs: START_MS, endMs: null, phaseOrder: null, filter: null, usageCustomerIds: null },
  anchor: { year: 2026, month: 3, day: 1 },
  isTrial: false,
  steps: price.price_type === 'fixed_price' ? [{ fromMs: START_MS, quantity: '1' }] : [],
});

const SETTINGS = JSON.stringify({
  ...{ auto_collection: null, auto_issuance: null, net_terms: 0 },
  ...{ default_invoice_memo: null, invoicing_threshold: null },
});

export function timeline(number) {
  const prices = Array.from({ length: LINES }, (_, index) =>
    interval(index < USAGE_LINES ? usage(index) : fee(index), `pi_${number}_${index}`),
  );
  const nothing = { endMs: null, plans: [], phases: [], adjustments: [], trialEndMs: null };
  return { startMs: START_MS, timezone: 'UTC', prices, ...nothing };
}

const numberOf = (index) => String(index).padStart(6, '0');
export const customerOf = (index) => `cus_${numberOf(index)}`;
export const subscriptionOf = (index) => `sub_${numberOf(index)}`;

/** So many of them, of customers of their own. */
export async function putSubscriptions(client, count) {
  for (let from = 0; from < count; from += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => from + at);
    const customers = indexes.map(customerOf);
    await client.query(
      `INSERT INTO invoicing.customer (id, account_id, external_customer_id, name, email, timezone, currency, created_at)
       SELECT id, $2, 'ext-' || id, id, id || '@bench.test', 'UTC', 'USD', $3 FROM unnest($1::text[]) AS id`,
      [customers, ACCOUNT, new Date(START_MS)],
    );
    await client.query(
      `INSERT INTO invoicing.orb_subscription (id, account_id, customer_id, name, settings, timeline, start_at,
         next_due_at, created_at)
       SELECT s.id, $4, s.customer_id, s.id, $5::jsonb, s.timeline::jsonb, $6, $7, $6
       FROM unnest($1::text[], $2::text[], $3::text[]) AS s (id, customer_id, timeline)`,
      [
        ...[indexes.map(subscriptionOf), customers],
        indexes.map((index) => JSON.stringify(timeline(numberOf(index)))),
        ...[ACCOUNT, SETTINGS, new Date(START_MS), new Date(DUE_MS)],
      ],
    );
  }
  await client.query('VACUUM ANALYZE invoicing.customer, invoicing.orb_subscription');
}
