// Goal: what the ledger says of a wallet reaches the outage policies whole. Method: its answers over a fake RPC.
import { WALLET_RPC } from '@orbit/contracts';
import { RpcWalletLoader } from './rpc-wallet-loader.js';

const loaderOf = (answer: unknown): { loader: RpcWalletLoader; calls: unknown[] } => {
  const calls: unknown[] = [];
  const rpc = {
    call: <T>(pattern: string, payload: unknown) => {
      calls.push([pattern, payload]);
      return Promise.resolve(answer as T);
    },
  };
  return { loader: new RpcWalletLoader(rpc), calls };
};

test('a wallet is asked for by its organization and currency, and its outage policy is read', async () => {
  const { loader, calls } = loaderOf({
    recovering: true,
    outage_policy: 'open_with_budget',
    outage_budget: '10.50',
    outbound_block_reason: 'manual',
  });
  await expect(loader.load('org_a', 'USD')).resolves.toEqual({
    isRecovering: true,
    outagePolicy: 'open_with_budget',
    outageBudgetMicros: 10_500_000n,
    pausedReason: 'manual',
  });
  expect(calls).toEqual([[WALLET_RPC.load, { organization_id: 'org_a', currency: 'USD' }]]);
});

test('a wallet that the ledger does not know is none', async () => {
  await expect(loaderOf(null).loader.load('org_a', 'USD')).resolves.toBeNull();
});

test('an answer that says nothing of outages is a fault, not a paused wallet', async () => {
  await expect(loaderOf({}).loader.load('org_a', 'USD')).rejects.toThrow();
});
