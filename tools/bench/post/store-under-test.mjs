/**
 * The ledger's own posting use case over its own store, with the other ports answering at once:
 * every claim is granted, nothing is published.
 */
import { PostBatch } from '../../../apps/wallet-ledger/dist/application/post-batch.js';
import { PostgresLedgerStore } from '../../../apps/wallet-ledger/dist/outbound/postgres-ledger-store.js';

/** A function that posts one batch of commands on one of the pool's connections. */
export async function storeUnderTest(pool) {
  const hotBalances = {
    claim: async (requests) =>
      requests.map(({ charges }) => new Set(charges.map(({ chargeId }) => chargeId))),
    settle: async () => {},
  };
  const silent = { publish: async () => {}, send: async () => {} };
  const clock = { nowMs: () => Date.now() };
  const postBatch = new PostBatch(
    new PostgresLedgerStore(pool),
    hotBalances,
    silent,
    silent,
    clock,
  );
  return async (commands, connection) => {
    const results = await postBatch.run(commands, `bench-${connection}`);
    const failed = results.find(({ status }) => status !== 'booked');
    if (failed) throw new Error(`No figure: a command came to ${failed.status} ${failed.reason}`);
  };
}
