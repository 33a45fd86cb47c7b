// Orb's TypeScript SDK (6.11.0), untouched, against Orbit Billing: from a plan to a paid invoice.
// Needs `npm install orb-billing`, and in a test account ORB_API_KEY and ORB_BASE_URL (see README.md here).
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Orb from 'orb-billing';

const orb = new Orb({ apiKey: process.env.ORB_API_KEY, baseURL: process.env.ORB_BASE_URL });
const name = `acme-${randomUUID().slice(0, 8)}`;

/** Usage is counted a moment after it is accepted. */
async function until(read, isThere) {
  for (let tries = 0; tries < 100; tries++) {
    const found = await read();
    if (isThere(found)) return found;
    await sleep(200);
  }
  throw new Error('It did not come within 20 seconds.');
}

// 1. A plan: 5 dollars a month, and calls by tiers.
const item = await orb.items.create({ name: 'API calls' });
const metric = await orb.metrics.create({
  name: 'Calls',
  description: null,
  item_id: item.id,
  sql: 'SELECT SUM(calls) FROM events',
});
const plan = await orb.plans.create({
  name: 'Team',
  currency: 'USD',
  prices: [
    {
      price: {
        name: 'Base fee',
        item_id: item.id,
        cadence: 'monthly',
        model_type: 'unit',
        unit_config: { unit_amount: '5.00' },
        fixed_price_quantity: 1,
      },
    },
    {
      price: {
        name: 'Calls',
        item_id: item.id,
        billable_metric_id: metric.id,
        cadence: 'monthly',
        model_type: 'tiered',
        tiered_config: {
          tiers: [
            { first_unit: 0, last_unit: 10_000, unit_amount: '0.001' },
            { first_unit: 10_000, last_unit: 100_000, unit_amount: '0.0008' },
            { first_unit: 100_000, unit_amount: '0.0005' },
          ],
        },
      },
    },
  ],
});
console.log(`plan ${plan.name}: ${plan.prices.map((price) => price.name).join(', ')}`);

// 2. A customer, and a subscription to the plan.
const customer = await orb.customers.create({
  name,
  email: `billing@${name}.test`,
  external_customer_id: name,
});
const subscription = await orb.subscriptions.create({
  external_customer_id: name,
  plan_id: plan.id,
});
console.log(`subscription of ${customer.name}: ${subscription.status}`);

// 3. Usage. The same event twice counts once.
const { now } = await orb.get('/test_clock');
const events = [50_000, 60_000, 40_000].map((calls, at) => ({
  event_name: 'calls',
  external_customer_id: name,
  idempotency_key: `${name}-${at}`,
  timestamp: now,
  properties: { calls },
}));
await orb.events.ingest({ events });
const again = await orb.events.ingest({ events }, { query: { debug: true } });
console.log(`events sent again: ${again.debug.duplicate.length} duplicates`);

// 4. What the next invoice will be: 10,000 × 0.001 + 90,000 × 0.0008 + 50,000 × 0.0005 = 107.
const usage = (invoice) => invoice.line_items.find((line) => line.name === 'Calls');
const upcoming = await until(
  () => orb.invoices.fetchUpcoming({ subscription_id: subscription.id }),
  (invoice) => usage(invoice)?.quantity === 150_000,
);
console.log(`upcoming: ${usage(upcoming).quantity} calls, ${usage(upcoming).amount}`);

// 5. A month later the period is closed, and after its grace the invoice is issued.
const later = new Date(Date.parse(subscription.current_billing_period_end_date) + 2 * 86_400_000);
await orb.post('/test_clock', { body: { now: later.toISOString() } });
const issued = await until(
  async () => {
    const page = await orb.invoices.list({ subscription_id: subscription.id, status: ['issued'] });
    return page.data.find((invoice) => usage(invoice) !== undefined);
  },
  (invoice) => invoice !== undefined,
);
console.log(`issued: ${issued.invoice_number}, ${issued.amount_due} ${issued.currency}`);

// 6. Paid, outside of Orbit Billing.
const paid = await orb.invoices.markPaid(issued.id, {
  payment_received_date: later.toISOString().slice(0, 10),
});
console.log(`${paid.invoice_number} is ${paid.status}`);
