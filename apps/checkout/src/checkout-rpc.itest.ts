import { STRIPE_WEBHOOKS, TOP_UPS, type TopUpCreated } from '@orbit/contracts';
import { createLogger, RpcClient, startService, type RunningService } from '@orbit/runtime';
import { SLOW_ANSWER_MS, eventually } from '@orbit/testing';
import { createServer, type AddressInfo } from 'node:net';
import { CheckoutModule } from './checkout.module.js';
import { CheckoutUnderTest } from './testing/checkout.fake.js';

let checkout: CheckoutUnderTest;
let service: RunningService;
let rpc: RpcClient;

beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
  const port = await freePort();
  rpc = new RpcClient({ name: 'checkout', host: '127.0.0.1', port, timeoutMs: SLOW_ANSWER_MS });
  service = await startService({
    name: 'checkout',
    logger: createLogger('checkout', 'error'),
    module: CheckoutModule.of(checkout.parts),
    rpcAddress: `127.0.0.1:${port}`,
    prepare: () => checkout.parts.service.start(),
    ready: () => checkout.parts.ready(),
  });
});
afterAll(async () => {
  rpc?.close();
  await service?.stop();
  await checkout?.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

const webhook = (event: { body: Buffer; signature: string }) =>
  rpc.call(STRIPE_WEBHOOKS.receive.name, {
    payload: event.body.toString('base64'),
    signature: event.signature,
  });

test('over RPC: a page, a payment, a signed webhook, and the event is in Kafka without a further push', async () => {
  await expect(checkout.parts.ready()).resolves.toBeUndefined();
  const created = await rpc.call<TopUpCreated>(TOP_UPS.create.name, checkout.request());
  const sessionId = String((await checkout.topup(created.topup_id))['session_id']);
  checkout.stripe.pay(sessionId);
  const event = checkout.stripe.event('checkout.session.completed', sessionId);
  expect(await webhook(event)).toEqual({ received: true });
  expect(await webhook(event)).toEqual({ received: true });
  await eventually(() =>
    expect(checkout.published.map(({ id }) => id)).toEqual([`evt_${created.topup_id}_completed`]),
  );
});

test('over RPC: refusals arrive with their code and field, whatever the shape of the message', async () => {
  const call = (change: Record<string, unknown>) =>
    rpc.call(TOP_UPS.create.name, { ...checkout.request(), ...change });
  await expect(call({ amount_minor: '100' })).rejects.toMatchObject({
    code: 'invalid_field',
    param: 'amount',
  });
  await expect(call({ idempotency_key: 'short-7' })).rejects.toMatchObject({
    param: 'Idempotency-Key',
  });
  await expect(call({ currency: 5 })).rejects.toMatchObject({ code: 'unsupported_currency' });
  await expect(rpc.call(TOP_UPS.create.name, 'x')).rejects.toMatchObject({
    code: 'invalid_field',
  });
  const forged = { body: Buffer.from('{"id":"evt_1","type":"x"}'), signature: 't=1,v1=00' };
  await expect(webhook(forged)).rejects.toMatchObject({ code: 'invalid_signature' });
  await expect(rpc.call(STRIPE_WEBHOOKS.receive.name, {})).rejects.toMatchObject({
    code: 'invalid_signature',
  });
  expect(await checkout.inboxCount()).toBe(1);
});
