// Goal: over a real TCP connection, a stranger's call reaches no handler; a caller that proves itself gets its answer.
import { Controller, Module } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { createServer, type AddressInfo } from 'node:net';
import { createLogger } from '../../logger.js';
import { startService, type RunningService } from '../../start-service.js';
import { RpcClient } from '../rpc-client.js';
import { CallerGate } from './caller-gate.js';
import { RpcIdentity } from './rpc-identity.js';
import { rpcTokenOf } from './rpc-tokens.js';

const SECRET = 'a secret of the ledger, 32 characters';
const asked: unknown[] = [];

@Controller()
class Wallets {
  @MessagePattern('wallet.adjust')
  adjust(request: unknown): string {
    asked.push(request);
    return 'adjusted';
  }
}
@Module({ controllers: [Wallets] })
class Ledger {}

let service: RunningService;
let address = '';
const clients: RpcClient[] = [];
const keep = (client: RpcClient): RpcClient => (clients.push(client), client);

beforeAll(async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  address = `127.0.0.1:${(probe.address() as AddressInfo).port}`;
  await new Promise((resolve) => probe.close(resolve));
  service = await startService({
    name: 'gated-ledger-of-a-test',
    module: Ledger,
    rpcAddress: address,
    rpcGate: new CallerGate('wallet-ledger', [SECRET]),
    ready: () => Promise.resolve(),
    logger: createLogger('test', 'silent'),
  });
});
afterAll(async () => {
  for (const client of clients) client.close();
  await service.stop();
});
beforeEach(() => void asked.splice(0));

const tokens = (caller: string): string => `wallet-ledger=${rpcTokenOf(SECRET, caller)}`;

test('wallet.adjust from a stranger’s connection is refused, and no handler runs', async () => {
  const stranger = keep(RpcClient.at('wallet-ledger', address));
  await expect(stranger.call('wallet.adjust', { amount: '1' })).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining('not proven') as unknown,
  });
  expect(asked).toEqual([]);
});

test('checkout, which may reserve refunds, may not adjust a wallet', async () => {
  const checkout = keep(
    new RpcIdentity('checkout', tokens('checkout')).client('wallet-ledger', address),
  );
  await expect(checkout.call('wallet.adjust', {})).rejects.toMatchObject({
    message: expect.stringContaining('may not ask') as unknown,
  });
  expect(asked).toEqual([]);
});

test('the gateway gets its answer', async () => {
  const gateway = keep(
    new RpcIdentity('gateway', tokens('gateway')).client('wallet-ledger', address),
  );
  await expect(gateway.call('wallet.adjust', { amount: '2' })).resolves.toBe('adjusted');
  expect(asked).toEqual([{ amount: '2' }]);
});
