/**
 * The ledger's group commit over its own store: wallets, decision, write. Redis answers at once and
 * grants every claim; nothing is published.
 */
import { CommitGroup } from '../../../apps/wallet-ledger/dist/books/application/commit-group.js';
import { claimedCommand } from '../../../apps/wallet-ledger/dist/books/application/commands.js';
import { LEDGER_RULES } from '../../../apps/wallet-ledger/dist/ledger-rules.js';
import { PostgresLedgerStore } from '../../../apps/wallet-ledger/dist/books/adapters/postgres-ledger-store.js';

/** A function that posts one batch of commands on one of the pool's connections. */
export function storeUnderTest(pool) {
  const hotBalances = {
    claim: async (requests) =>
      requests.map(({ charges }) => ({
        granted: new Set(charges.map(({ chargeId }) => chargeId)),
        held: new Set(),
      })),
    confirm: async () => {},
  };
  const clock = { nowMs: () => Date.now() };
  const group = new CommitGroup(new PostgresLedgerStore(pool), hotBalances, clock, LEDGER_RULES);
  return async (commands, connection) => {
    const claimed = commands.map((command) => claimedCommand(command, `bench-${connection}`));
    const { results } = await group.run(claimed);
    const failed = results.find(({ status }) => status !== 'booked');
    if (failed) throw new Error(`No figure: a command came to ${failed.status} ${failed.reason}`);
  };
}
