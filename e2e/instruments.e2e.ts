// Goal: after a top-up, a charge and a refusal every service answers the right numbers on the port
// for inside, the public API answers none, and what a request leads to in other services is one
// trace. Method: a stack as a person starts it, its scrape addresses read from dev.json, its spans
// sent over HTTP to a receiver of ours.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { METRICS, SERVICES } from '@orbit/metrics';
import { eventually } from '@orbit/testing';
import { BillingClient } from './client.js';
import { receiveSpans, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';
import { START_MS_MAX, startStack, STOP_MS_MAX, type RunningStack } from './stack.js';

let stack: RunningStack;

let receiver: OtlpReceiver;

beforeAll(async () => {
  receiver = await receiveSpans();
  stack = await startStack({
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  });
}, START_MS_MAX);
afterAll(async () => {
  await stack?.stop();
  await receiver?.close();
}, STOP_MS_MAX);

/** What all services answer, as `name{labels}` → value. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const texts = await Promise.all(stack.metricsUrls.map(async (url) => (await fetch(url)).text()));
  const samples = texts.join('\n').matchAll(/^(orbit_\S+?\{.*\}) (\S+)$/gm);
  return new Map([...samples].map(([, series = '', value]) => [series, Number(value)]));
}

/** The sum over the series of this name that have all of these labels; null when there is none. */
function valueOf(
  samples: ReadonlyMap<string, number>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const found = [...samples].filter(
    ([series]) => series.startsWith(`${name}{`) && wanted.every((one) => series.includes(one)),
  );
  return found.length === 0 ? null : found.reduce((sum, [, value]) => sum + value, 0);
}

test('a top-up, a charge and a refusal are in the numbers of every service that saw them', async () => {
  const client = new BillingClient(stack.gatewayUrl, stack.organizationApiKey);
  const back = `${stack.gatewayUrl}/health/live`;
  const page = await client.post<{ checkoutUrl: string }>(
    '/balance/top-up',
    { amount: 1_000, currency: 'usd', successUrl: back, cancelUrl: back },
    { 'Idempotency-Key': 'e2e-metrics' },
  );
  const card = { card_number: '4242424242424242', exp: '12 / 40', cvc: '123' };
  const owner = { name: 'Ada Lovelace', email: 'ada@example.com' };
  await fetch(page.data.checkoutUrl, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ ...card, ...owner, action: 'pay' }),
  });
  await eventually(async () => {
    const { data } = await client.get<{ balance_cents: number }>('/balance');
    expect(data.balance_cents).toBe(1_000);
  });
  const charge = { currency: 'USD', channel: 'sms' };
  const paid = await client.post('/charges?wait=posted', {
    ...charge,
    ...{ charge_id: 'metrics-1', amount: '0.0075' },
  });
  expect(paid.status).toBe(201);
  const refused = await client.post('/charges', {
    ...charge,
    ...{ charge_id: 'metrics-2', amount: '5000' },
  });
  expect(refused.error?.code).toBe('insufficient_funds');

  await eventually(async () => {
    const samples = await scrape();
    const of = (name: string, labels?: Readonly<Record<string, string>>): number | null =>
      valueOf(samples, name, labels);
    const route = { route: '/api/v1/billing/charges', method: 'POST' };
    expect(of('orbit_http_request_seconds_count', { ...route, status: '201' })).toBe(1);
    expect(of('orbit_http_request_seconds_count', { ...route, status: '402' })).toBe(1);
    const charges = { operation: 'charge' };
    expect(of('orbit_spend_total', { ...charges, outcome: 'charged' })).toBe(1);
    expect(of('orbit_spend_total', { ...charges, outcome: 'insufficient_funds' })).toBe(1);
    expect(of('orbit_spend_seconds_count', charges)).toBe(2);

    expect(of('orbit_ledger_postings_total', { kind: 'spend' })).toBe(1);
    expect(of('orbit_ledger_postings_total', { kind: 'topup' })).toBe(1);
    for (const step of ['claim', 'commit', 'settle', 'publish'])
      expect(of('orbit_ledger_step_seconds_count', { step })).not.toBe(0);
    expect(of('orbit_ledger_group_items_sum')).toBeGreaterThanOrEqual(2);
    expect(of('orbit_redis_trusted')).toBe(1);
    expect(of('orbit_reconciliation_breaches')).toBe(0);
    expect(of('orbit_reconciliation_age_seconds', { check: 'entries_add_up' })).toBeLessThan(60);
    expect(of('orbit_captures_unsettled')).toBe(0);
    expect(of('orbit_holds_open')).toBe(0);

    const lag = { topic: 'charge.requested', service: 'wallet-ledger' };
    expect(of('orbit_consumer_lag', lag)).toBe(0);
    for (const service of SERVICES.filter((one) => one !== 'gateway'))
      expect(of('orbit_consumer_lag', { service })).toBe(0);
    const completed = { type: 'checkout.session.completed' };
    expect(of('orbit_webhooks_total', completed)).toBeGreaterThanOrEqual(1);
    for (const service of ['wallet-ledger', 'checkout', 'invoicing']) {
      expect(of('orbit_outbox_depth', { service })).toBe(0);
      expect(of('orbit_outbox_age_seconds', { service })).toBe(0);
      expect(of('orbit_job_seconds_count', { service })).toBeGreaterThan(0);
    }
    for (const service of SERVICES)
      expect(of('orbit_process_resident_bytes', { service })).toBeGreaterThan(1e7);
    expect(of('orbit_collection_failures_total') ?? 0).toBe(0);
  });
});

test('usage events, their lag and webhooks to an account are in the numbers, too', async () => {
  const [account] = stack.orbAccounts.filter(({ mode }) => mode === 'test');
  const traceId = '6bf92f3577b34da6a3ce929d0e0e4736';
  const headers = {
    authorization: `Bearer ${account?.api_key}`,
    'content-type': 'application/json',
    traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
  };
  const post = async (path: string, body: unknown): Promise<number> => {
    const url = `${stack.gatewayUrl}/v1${path}`;
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
  };
  const endpoint = { url: `${receiver.url}/webhooks`, payload_style: 'expanded' };
  expect(await post('/webhook_endpoints', endpoint)).toBe(201);
  const customer = { name: 'Ada', email: 'ada@example.com', external_customer_id: 'ada' };
  expect(await post('/customers', customer)).toBe(201);
  const events = ['a', 'b'].map((idempotency_key) => ({
    idempotency_key,
    event_name: 'call',
    external_customer_id: 'ada',
    timestamp: new Date().toISOString(),
    properties: { seconds: 60 },
  }));
  expect(await post('/ingest', { events })).toBe(200);
  await eventually(async () => {
    const samples = await scrape();
    expect(valueOf(samples, 'orbit_usage_events_total')).toBe(2);
    expect(valueOf(samples, 'orbit_usage_stored_seconds_count')).toBeGreaterThan(0);
    const delivered = { outcome: 'delivered' };
    expect(valueOf(samples, 'orbit_webhook_deliveries_total', delivered)).toBeGreaterThan(0);
    expect(valueOf(samples, 'orbit_webhook_deliveries_due')).toBe(0);
    expect(valueOf(samples, 'orbit_webhook_deliveries_age_seconds')).toBe(0);
    expect(valueOf(samples, 'orbit_consumer_lag', { topic: 'usage.ingested' })).toBe(0);
    const billing = { service: 'invoicing' };
    expect(valueOf(samples, 'orbit_job_seconds_count', billing)).toBeGreaterThan(0);
    // The webhook belongs to the trace of the request that made the customer.
    const sent = receiver.spansOf(traceId).filter(({ name }) => name === 'send webhook');
    const traceparents = sent.map(({ spanId }) => `00-${traceId}-${spanId}-01`);
    expect(receiver.others().map(({ traceparent }) => traceparent)).toEqual(traceparents);
    expect(traceparents).not.toHaveLength(0);
  });
});

test('nothing is answered that is not in the table, and no organization is named', async () => {
  const samples = await scrape();
  const names = [...samples.keys()].map((series) => series.split('{', 1)[0] ?? '');
  const known = (name: string): boolean =>
    name in METRICS || name.replace(/_(bucket|sum|count)$/, '') in METRICS;
  expect(names.filter((name) => !known(name))).toEqual([]);
  expect([...samples.keys()].filter((series) => series.includes(stack.organizationId))).toEqual([]);
});

test('the public API does not know /metrics', async () => {
  expect(stack.metricsUrls).toHaveLength(SERVICES.length);
  expect((await fetch(`${stack.gatewayUrl}/metrics`)).status).toBe(404);
});

/** The span of this service and name, with its parent checked. */
function spanIn(
  spans: readonly ReceivedSpan[],
  service: string,
  name: string,
  parent: string,
): ReceivedSpan {
  const found = spans.filter((span) => span.service === service && span.name === name);
  expect(found.map(({ parentSpanId }) => parentSpanId)).toEqual([parent]);
  return found[0] as ReceivedSpan;
}

test('one trace: request, charge.requested, posting in the ledger, charge.posted, metering', async () => {
  const client = new BillingClient(stack.gatewayUrl, stack.organizationApiKey);
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const caller = 'b7ad6b7169203331';
  const charge = { charge_id: 'traced-1', amount: '0.01', currency: 'USD', channel: 'sms' };
  const traceparent = `00-${traceId}-${caller}-01`;
  expect((await client.post('/charges?wait=posted', charge, { traceparent })).status).toBe(201);
  await eventually(() => {
    const spans = receiver.spansOf(traceId);
    const route = 'POST /api/v1/billing/charges';
    const request = spanIn(spans, 'gateway', route, caller);
    const requested = spanIn(spans, 'gateway', 'send charge.requested', request.spanId);
    const ledger = 'wallet-ledger';
    const posting = spanIn(spans, ledger, 'process charge.requested', requested.spanId);
    const post = spanIn(spans, ledger, 'post', posting.spanId);
    const posted = spanIn(spans, ledger, 'send charge.posted', posting.spanId);
    spanIn(spans, 'usage-metering', 'process charge.posted', posted.spanId);
    const [group] = receiver.all().filter(({ spanId }) => spanId === post.links[0]?.spanId);
    expect(group?.name).toBe('post group');
    expect(group?.links).toContainEqual({ traceId, spanId: posting.spanId });
    return Promise.resolve();
  });
});

test('one trace: request and the call of another service', async () => {
  const client = new BillingClient(stack.gatewayUrl, stack.organizationApiKey);
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const caller = '00f067aa0ba902b7';
  const traceparent = `00-${traceId}-${caller}-01`;
  expect((await client.get('/transactions', { traceparent })).status).toBe(200);
  await eventually(() => {
    const spans = receiver.spansOf(traceId);
    const request = spanIn(spans, 'gateway', 'GET /api/v1/billing/transactions', caller);
    const [call] = spans.filter(({ service, kind }) => service === 'gateway' && kind === 'client');
    expect(call?.parentSpanId).toBe(request.spanId);
    spanIn(spans, 'wallet-ledger', call?.name ?? '', call?.spanId ?? '');
    return Promise.resolve();
  });
});

test('a traceparent that is none begins no trace of that name, and the request is served', async () => {
  const client = new BillingClient(stack.gatewayUrl, stack.organizationApiKey);
  const traceId = '5bf92f3577b34da6a3ce929d0e0e4736';
  for (const traceparent of [
    `00-${traceId}-0000000000000000-01`,
    `ff-${traceId}`,
    'x'.repeat(9_000),
  ])
    expect((await client.get('/balance', { traceparent })).status).toBe(200);
  expect(receiver.spansOf(traceId)).toEqual([]);
});
