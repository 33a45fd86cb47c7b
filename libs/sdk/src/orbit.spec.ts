// Goal: the client sends what the API documents, repeats safely, and tells refusals apart.
import { expect, test } from '@jest/globals';
import {
  ConnectionError,
  Devotel,
  InvalidRequestError,
  NotFoundError,
  Orbit,
  PaymentRequiredError,
} from './index.js';

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

const meta = { request_id: 'req_1', timestamp: '2026-05-16T12:00:00.000Z' };

/** A server that answers what it was given, one after the other. */
function orbitThat(...answers: (Response | Error)[]): { orbit: Orbit; sent: Sent[] } {
  const sent: Sent[] = [];
  const fetch = (url: URL | string | Request, init?: RequestInit): Promise<Response> => {
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : null;
    const headers = init?.headers as Record<string, string>;
    sent.push({ url: String(url), method: init?.method ?? 'GET', headers, body });
    const answer = answers.shift();
    if (answer === undefined) return Promise.reject(new Error('asked once too often'));
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const orbit = new Orbit({ apiKey: 'dv_live_sk_1', baseUrl: 'http://orbit.test/', fetch });
  return { orbit, sent };
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers });

test('answers keep data and meta; the key goes with every request', async () => {
  const { orbit, sent } = orbitThat(json(200, { data: { balance_cents: 100 }, meta }));
  expect((await orbit.billing.getBalance()).data.balance_cents).toBe(100);
  expect(sent[0]).toMatchObject({
    url: 'http://orbit.test/api/v1/billing/balance',
    headers: { 'X-API-Key': 'dv_live_sk_1' },
  });
});

test('a repeat after 503 and after a lost answer carries the same idempotency key', async () => {
  const busy = json(503, { error: { code: 'unavailable' } }, { 'retry-after': '0' });
  const { orbit, sent } = orbitThat(busy, new Error('reset'), json(200, { data: {}, meta }));
  await orbit.billing.createTopUp({
    amount: 100,
    currency: 'usd',
    successUrl: 'http://a.test',
    cancelUrl: 'http://b.test',
  });
  const keys = sent.map(({ headers }) => headers['Idempotency-Key']);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
});

test('refusals are typed, carry code and request id, and are not repeated', async () => {
  const error = { code: 'insufficient_funds', type: 'payment_required_error', message: 'No.' };
  const { orbit, sent } = orbitThat(json(402, { error, meta }));
  const failed = orbit.billing.explainCharge({ charge_id: 'c' });
  await expect(failed).rejects.toBeInstanceOf(PaymentRequiredError);
  await expect(failed).rejects.toMatchObject({ code: 'insufficient_funds', requestId: 'req_1' });
  expect(sent).toHaveLength(1);
});

test('the field at fault is named', async () => {
  const error = { code: 'invalid_field', message: 'amount is positive', param: 'amount' };
  const { orbit } = orbitThat(json(400, { error, meta }));
  const failed = orbit.billing.topUpCredits({ amount: -1 });
  await expect(failed).rejects.toBeInstanceOf(InvalidRequestError);
  await expect(failed).rejects.toMatchObject({ param: 'amount' });
});

test('ids in paths are escaped', async () => {
  const { orbit, sent } = orbitThat(json(404, { error: { code: 'not_found' } }));
  await expect(orbit.billing.getCharge({ charge_id: 'a/b c' })).rejects.toBeInstanceOf(
    NotFoundError,
  );
  expect(sent[0]?.url).toBe('http://orbit.test/api/v1/billing/charges/a%2Fb%20c');
});

test('a list is walked page after page, whichever way its cursor is told', async () => {
  const cursor = { cursor_ts: 't', cursor_id: 'ct_2' };
  const { orbit, sent } = orbitThat(
    json(200, {
      data: { transactions: [{ id: 'ct_1' }, { id: 'ct_2' }], next_cursor: cursor, has_more: true },
      meta,
    }),
    json(200, {
      data: { transactions: [{ id: 'ct_3' }], next_cursor: null, has_more: false },
      meta,
    }),
  );
  const ids: string[] = [];
  for await (const { id } of orbit.pages((page) => orbit.billing.listTransactions(page)))
    ids.push(id);
  expect(ids).toEqual(['ct_1', 'ct_2', 'ct_3']);
  expect(sent[1]?.url).toContain('cursor_id=ct_2');

  const invoices = orbitThat(
    json(200, {
      data: [{ id: 'i1' }],
      meta: { ...meta, pagination: { cursor: 'x', has_more: true } },
    }),
    json(200, {
      data: [{ id: 'i2' }],
      meta: { ...meta, pagination: { cursor: null, has_more: false } },
    }),
  );
  const found: string[] = [];
  for await (const { id } of invoices.orbit.pages((page) =>
    invoices.orbit.billing.listInvoices(page),
  ))
    found.push(id);
  expect(found).toEqual(['i1', 'i2']);
});

test.each([
  ['without a cursor', null],
  ['with the cursor of the page before', 'x'],
])('a list that has more, %s, is an error and no shorter list', async (_, cursor) => {
  const more = (id: string): Response =>
    json(200, { data: [{ id }], meta: { ...meta, pagination: { cursor, has_more: true } } });
  const { orbit } = orbitThat(more('i1'), more('i2'));
  const found: string[] = [];
  const walk = async (): Promise<void> => {
    for await (const { id } of orbit.pages((page) => orbit.billing.listInvoices(page)))
      found.push(id);
  };
  await expect(walk()).rejects.toThrow('does not lead on');
  expect(found).toEqual(cursor === null ? ['i1'] : ['i1', 'i2']);
});

test('no answer at all is a ConnectionError that says where it went', async () => {
  const { orbit } = orbitThat(...Array.from({ length: 4 }, () => new TypeError('refused')));
  const failed = orbit.billing.getStatus();
  await expect(failed).rejects.toBeInstanceOf(ConnectionError);
  await expect(failed).rejects.toThrow('http://orbit.test cannot be reached');
});

test('Devotel is the same client, and a missing key is told at once', () => {
  expect(Devotel).toBe(Orbit);
  expect(() => new Orbit({ apiKey: '' })).toThrow('apiKey is missing');
});
