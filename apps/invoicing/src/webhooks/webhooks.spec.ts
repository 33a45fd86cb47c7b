import { isPrivateAddress, urlFault } from './domain/endpoint-url.js';
import { bodyOf, type Fact } from './domain/fact.js';
import { nextAttemptMs, RETRIED_MS } from './domain/retry.js';
import { signatureHeaders } from './domain/sign.js';

const FACT: Fact = {
  accountId: 'acct_1',
  organizationId: null,
  type: 'customer.created',
  objectId: 'org_1',
  resources: { customer: { id: 'org_1' } },
  properties: {},
  atMs: Date.parse('2026-05-16T11:00:00.999Z'),
};

test('the signature is the one that the contract gives as its example', () => {
  const secret = 'c-UGKYdnhHh436B_sMouYAPUvXyWpzOdunZBV5dFSD8';
  const body =
    '{"id": "o4mmewpfNNTnjfZc", "created_at": "2024-03-27T15:42:29+00:00", "type": "resource_event.test", "payload_style": "expanded", "properties": {"message": "A test webhook from Orb. Happy testing!"}}';
  const headers = signatureHeaders(secret, 'evt_1', body, Date.parse('2024-03-27T15:42:29.551Z'));
  expect(headers).toMatchObject({
    'x-orb-timestamp': '2024-03-27T15:42:29.551',
    'x-orb-signature': 'v1=34c51e7436aca75f9c6799d3e1e5a0066265d8e5512df552aaa7e8464f2b8454',
  });
});

test('the signature is the one that Standard Webhooks give as their example', () => {
  const headers = signatureHeaders(
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    '{"test": 2432232314}',
    1_614_265_330_000,
  );
  expect(headers).toMatchObject({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('a body has whole seconds, its style, and the objects of that style', () => {
  const fact = { ...FACT, standardResources: { customer: { id: 'short' } } };
  expect(JSON.parse(bodyOf('evt_1', fact, 'expanded'))).toEqual({
    id: 'evt_1',
    created_at: '2026-05-16T11:00:00Z',
    type: 'customer.created',
    payload_style: 'expanded',
    customer: { id: 'org_1' },
    properties: {},
  });
  expect(JSON.parse(bodyOf('evt_1', fact, 'standard'))).toMatchObject({
    payload_style: 'standard',
    customer: { id: 'short' },
  });
});

test.each([
  'http://example.com/hook',
  'https://localhost/hook',
  'https://service/hook',
  'https://db.internal/hook',
  'https://127.0.0.1/hook',
  'https://2130706433/hook',
  'https://0x7f.1/hook',
  'https://10.1.2.3/hook',
  'https://172.16.0.1/hook',
  'https://192.168.0.1/hook',
  'https://169.254.169.254/latest',
  'https://100.64.0.1/',
  'https://[::1]/hook',
  'https://[::ffff:10.0.0.1]/hook',
  'https://[fd00::1]/hook',
  'https://[fe80::1]/hook',
  'https://[64:ff9b::7f00:1]/hook',
  'https://[2002:7f00:1::]/hook',
  'https://user:secret@example.com/hook',
  'ftp://example.com',
  'url',
  '',
])('a live account may not name %s', (url) => {
  expect(urlFault(url, 'live')).toMatch(/^url /);
});

test('a live account may name a public host, a test account its own machine', () => {
  expect(urlFault('https://hooks.example.com:8443/a?b=c', 'live')).toBeNull();
  expect(urlFault('https://[2606:4700::1111]/', 'live')).toBeNull();
  expect(urlFault('http://127.0.0.1:4000/hook', 'test')).toBeNull();
  expect(urlFault('file:///etc/passwd', 'test')).toMatch(/^url /);
  expect(isPrivateAddress('8.8.8.8')).toBe(false);
});

test('a delivery is tried for three days, ever more slowly', () => {
  let nowMs = 0;
  const pauses: number[] = [];
  for (let attempt = 1; ; attempt++) {
    const next = nextAttemptMs(attempt, 0, nowMs, 0);
    if (next === null) break;
    pauses.push(next - nowMs);
    nowMs = next;
  }
  expect(pauses.slice(0, 3)).toEqual([5_000, 30_000, 120_000]);
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  expect(nowMs).toBeLessThanOrEqual(RETRIED_MS);
  expect(nowMs).toBeGreaterThan(RETRIED_MS - 8 * 3_600_000);
  expect(nextAttemptMs(1, 0, 0, 1)).toBe(6_000);
});
