// Goal: what is wrong with a request about money, or with a webhook, is named, and nothing at all
// has changed: not a row of any table of checkout, not a call that makes something at Stripe,
// nothing set aside in the ledger. Method: real Postgres, the whole schema hashed before and after.
import { uniqueId } from '@orbit/testing';
import { CheckoutUnderTest } from './testing/checkout.fake.js';
import type { CheckoutParts } from './checkout.module.js';
import { sign } from './testing/stripe.fake.js';

let checkout: CheckoutUnderTest;
let own: { organizationId: string; topupId: string; methodId: string };
let other: { organizationId: string; topupId: string; methodId: string };
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
  own = await payer();
  other = await payer();
});
afterAll(() => checkout?.close());

async function payer() {
  const { organizationId, method } = await checkout.customer();
  const { topupId } = await checkout.paid({ organization_id: organizationId });
  return { organizationId, topupId, methodId: method.id };
}

const TABLES = ['stripe_customer', 'topup', 'auto_reload', 'webhook_inbox', 'outbox', 'refund'];

/** Everything there is, as one text. */
async function world(): Promise<string> {
  const sums: string[] = [];
  for (const table of [...TABLES, 'dispute', 'plan_checkout', 'stripe_price']) {
    const rows = `SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) AS sum FROM checkout.${table} t`;
    sums.push(`${table} ${String((await checkout.query(rows, []))[0]?.['sum'])}`);
  }
  const { sessions, customers, saved, clawbacks } = checkout.stripe;
  const methods = saved.methods.map(({ id, isDetached }) => `${id} ${isDetached}`);
  const made = [sessions.length, customers.length, saved.intents.length, clawbacks.refunds.length];
  return [...sums, ...made, ...methods, checkout.refundLedger.reserved.size].join('\n');
}

type Request = Readonly<Record<string, unknown>>;
interface Endpoint {
  readonly name: string;
  readonly good: () => Request;
  readonly call: (parts: CheckoutParts, request: never) => Promise<unknown>;
  /** Field, what it is not, and how the answer names it when otherwise. */
  readonly wrong: readonly (readonly [field: string, values: readonly unknown[], param?: string])[];
}

const NO_AMOUNT = [0, -1, 1.5, '100', null, Number.NaN, 1e12];
const NO_URL = [
  '',
  'x',
  '/a',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'data:,x',
  7,
  undefined,
];
const LONG_URL = `https://a.b/${'x'.repeat(2_048)}`;
const NO_KEY = ['', 'short', 'x'.repeat(256), 'with space', 7, undefined];
const NO_ORGANIZATION = ['', 7, undefined];
const NO_CURRENCY = ['', 'XXX', 'credits', 7, undefined];
const NO_COUNT = [0, 1.5, '3', -1];

const ENDPOINTS: readonly Endpoint[] = [
  {
    name: 'topup.create',
    good: () => ({ ...checkout.request({ organization_id: own.organizationId }) }),
    call: (parts, request) => parts.createTopUp.run(request),
    wrong: [
      ['organization_id', NO_ORGANIZATION],
      ['amount_minor', [...NO_AMOUNT, 49, undefined], 'amount'],
      ['currency', NO_CURRENCY],
      ['success_url', [...NO_URL, LONG_URL]],
      ['cancel_url', [...NO_URL, LONG_URL]],
      ['idempotency_key', NO_KEY, 'Idempotency-Key'],
    ],
  },
  {
    name: 'topup.charge',
    good: () => ({ ...checkout.chargeRequest(own.organizationId) }),
    call: (parts, request) => parts.chargeTopUp.run(request),
    wrong: [
      ['organization_id', NO_ORGANIZATION],
      ['amount_minor', [...NO_AMOUNT, 49, undefined], 'amount'],
      ['currency', NO_CURRENCY],
      ['return_url', [...NO_URL.slice(0, -1), LONG_URL]],
      ['idempotency_key', NO_KEY, 'Idempotency-Key'],
    ],
  },
  {
    name: 'refunds.create',
    good: () => ({
      organization_id: own.organizationId,
      topup_id: own.topupId,
      amount_minor: 100,
      idempotency_key: `bad-${uniqueId()}`,
    }),
    call: (parts, request) => parts.refunds.request.run(request),
    wrong: [
      ['organization_id', [...NO_ORGANIZATION]],
      ['topup_id', ['', 7, undefined, 'x'.repeat(256), 'tu_none', 'OTHERS']],
      ['amount_minor', NO_AMOUNT, 'amount'],
      ['reason', ['because', 7, '']],
      ['idempotency_key', NO_KEY, 'Idempotency-Key'],
    ],
  },
  {
    name: 'auto_reload.configure',
    good: () => ({
      ...{ organization_id: own.organizationId, currency: 'USD', enabled: false },
      ...{ threshold: 5_000, amount: 10_000 },
    }),
    call: (parts, request) => parts.configureAutoReload.configure(request),
    wrong: [
      ['organization_id', NO_ORGANIZATION],
      ['currency', NO_CURRENCY],
      ['enabled', ['yes', 1, null, undefined]],
      ['threshold', [-1, 1.5, '5', 1e12, undefined]],
      ['amount', [...NO_AMOUNT, 49, undefined]],
      ['target', [5_000, -1, 1.5, '9', 1e12]],
      ['max_reloads_per_day', NO_COUNT],
      ['max_reloads_per_month', NO_COUNT],
      ['max_amount_per_day', [9_999, 0, 1.5, '9', 1e21]],
      ['max_amount_per_month', [9_999, 0, 1.5, '9', 1e21]],
    ],
  },
  {
    name: 'payment_methods.setup',
    good: () => ({
      ...{ organization_id: own.organizationId, currency: 'USD' },
      ...{ success_url: 'https://a.b/ok', cancel_url: 'https://a.b/no' },
    }),
    call: (parts, request) => parts.paymentMethods.setup(request),
    wrong: [
      ['organization_id', NO_ORGANIZATION],
      ['currency', ['', 'XXX', 'points', 7, undefined]],
      ['success_url', [...NO_URL, LONG_URL]],
      ['cancel_url', [...NO_URL, LONG_URL]],
    ],
  },
  {
    name: 'topup.resolve',
    good: () => ({ topup_id: own.topupId, action: 'dismiss', reason: 'agreed' }),
    call: (parts, request) => parts.parkedTopUps.resolve(request),
    wrong: [
      ['action', ['', 'credit', 7, undefined]],
      ['reason', ['', ' ', 'x'.repeat(501), 7, undefined]],
    ],
  },
];

test.each(ENDPOINTS)(
  '$name: every field wrong in turn is named, and nothing has changed',
  async (endpoint) => {
    const before = await world();
    for (const [field, values, param = field] of endpoint.wrong) {
      for (const value of values) {
        const given = value === 'OTHERS' ? other.topupId : value;
        const request = { ...endpoint.good(), [field]: given } as never;
        const answer: unknown = await endpoint
          .call(checkout.parts, request)
          .catch((error: unknown) => error);
        expect({ field, value, ...named(answer) }).toEqual({
          field,
          value,
          isRefused: true,
          param,
        });
      }
    }
    expect(await world()).toBe(before);
  },
);

function named(answer: unknown) {
  const { code, param } = answer as { code?: string; param?: string };
  const codes = ['invalid_field', 'unsupported_currency', 'not_found'];
  return { isRefused: codes.includes(String(code)), param };
}

test('ids of another organization are not found, and nothing has changed', async () => {
  const before = await world();
  const { paymentMethods, refunds, parkedTopUps } = checkout.parts;
  const code = 'not_found';
  const mine = own.organizationId;
  await expect(paymentMethods.setDefault(mine, other.methodId)).rejects.toMatchObject({ code });
  await expect(paymentMethods.detach(mine, other.methodId)).rejects.toMatchObject({ code });
  const key = `bad-${uniqueId()}`;
  const theirs = { organization_id: mine, idempotency_key: key };
  const { payment_intent_id } = await checkout.topup(other.topupId);
  for (const id of [{ topup_id: other.topupId }, { payment_id: String(payment_intent_id) }])
    await expect(refunds.request.run({ ...theirs, ...id })).rejects.toMatchObject({ code });
  expect(await parkedTopUps.read(mine, other.topupId)).toBeNull();
  expect(await world()).toBe(before);
});

test('a top-up that is not parked, and a refund of what was never paid, change nothing', async () => {
  const { topupId } = await checkout.open({ organization_id: own.organizationId });
  const before = await world();
  const resolve = { topup_id: own.topupId, action: 'dismiss', reason: 'x' } as const;
  await expect(checkout.parts.parkedTopUps.resolve(resolve)).rejects.toMatchObject({
    code: 'topup_not_parked',
  });
  await expect(
    checkout.parts.refunds.request.run({
      ...{ organization_id: own.organizationId, topup_id: topupId },
      idempotency_key: `bad-${uniqueId()}`,
    }),
  ).rejects.toMatchObject({ code: 'conflict' });
  expect(await world()).toBe(before);
});

test('webhooks: forged, old, changed, oversized and no events at all leave nothing behind', async () => {
  const { sessionId } = await checkout.open({ organization_id: own.organizationId });
  checkout.stripe.pay(sessionId);
  const good = checkout.stripe.event('checkout.session.completed', sessionId);
  const text = good.body.toString('utf8');
  const before = await world();
  const forged = [
    sign(text, Date.now(), 'whsec_other'),
    sign(text, Date.now() - 301_000),
    { ...good, signature: '' },
    { ...good, signature: 'x'.repeat(5_000) },
    { ...good, body: Buffer.from(text.replace('10000', '99999')) },
    sign(`${text}${' '.repeat(262_144)}`, Date.now()),
    ...['[]', '{}', 'null', '7', '{"id":"evt_1"}', '{"id":"evt_1","type":"x","data":5}'].map(
      (body) => sign(body, Date.now(), 'whsec_other'),
    ),
    ...['', '[]', '{}', 'null', '7', '{"id":7,"type":"x"}'].map((body) => sign(body, Date.now())),
  ];
  for (const event of forged)
    await expect(checkout.deliver(event)).rejects.toMatchObject({ code: 'invalid_signature' });
  expect(await world()).toBe(before);
});

test('webhooks of other accounts and of unknown types are kept, and have no other effect', async () => {
  const { sessionId, topupId } = await checkout.open({ organization_id: own.organizationId });
  checkout.stripe.pay(sessionId);
  const good = checkout.stripe.event('checkout.session.completed', sessionId);
  const content = JSON.parse(good.body.toString('utf8')) as Request;
  const before = await checkout.topup(topupId);
  for (const [change, outcome] of [
    [{ account: 'acct_other' }, 'other_account'],
    [{ type: 'radar.something_new' }, 'ignored'],
    [{ type: '__proto__' }, 'ignored'],
  ] as const) {
    const id = `evt_${uniqueId()}`;
    const event = sign(JSON.stringify({ ...content, id, ...change }), Date.now());
    for (let time = 0; time < 3; time++) await checkout.deliver(event);
    const kept = 'SELECT outcome FROM checkout.webhook_inbox WHERE event_id = $1';
    expect(await checkout.query(kept, [id])).toEqual([{ outcome }]);
  }
  expect(await checkout.topup(topupId)).toEqual(before);
  expect(await checkout.outbox(topupId)).toEqual([]);
});
