import { counter, histogram } from '@orbit/metrics';
import type {
  HotBalancesPort,
  LedgerEvents,
  LedgerStore,
  LedgerWrite,
} from '../application/ports.js';

interface PostingPorts {
  readonly store: LedgerStore;
  readonly hotBalances: HotBalancesPort;
  readonly events: LedgerEvents;
}

type Step = 'claim' | 'commit' | 'settle' | 'publish';

const seconds = histogram('orbit_ledger_step_seconds');
const failures = counter('orbit_ledger_step_failures_total');
const groupItems = histogram('orbit_ledger_group_items');
const postings = counter('orbit_ledger_postings_total');
const rejections = counter('orbit_ledger_rejections_total');

/** Times the steps of a posting group and counts what it committed. A group is many charges, so this is off the hot path. */
export function measuredPosting<T extends PostingPorts>(ports: T): T {
  const { store, hotBalances, events } = ports;
  return {
    ...ports,
    store: measuredStore(store),
    hotBalances: {
      claim: (requests) => timed('claim', hotBalances.claim(requests)),
      confirm: (settlements) => timed('settle', hotBalances.confirm(settlements)),
    },
    events: { publish: (list, timeMs) => timed('publish', events.publish(list, timeMs)) },
  };
}

function measuredStore(inner: LedgerStore): LedgerStore {
  return {
    dropPublished: (ids) => inner.dropPublished(ids),
    async inTransaction(work) {
      let written: LedgerWrite | null = null;
      const result = await timed(
        'commit',
        inner.inTransaction((tx) =>
          work({
            lockWallets: (keys) => tx.lockWallets(keys),
            readOutcomes: (keys) => tx.readOutcomes(keys),
            readBlocks: (keys) => tx.readBlocks(keys),
            readEscrows: (keys) => tx.readEscrows(keys),
            readPaymentEscrows: (keys) => tx.readPaymentEscrows(keys),
            readTaken: (keys) => tx.readTaken(keys),
            readFundings: (keys) => tx.readFundings(keys),
            readRemainders: (keys) => tx.readRemainders(keys),
            save: async (write) => {
              await tx.save(write);
              written = write;
            },
          }),
        ),
      );
      if (written !== null) count(written);
      return result;
    },
  };
}

function count({ entries, rejections: rejected }: LedgerWrite): void {
  groupItems.observe(entries.length + rejected.length);
  for (const { type } of entries) postings.inc({ kind: type });
  for (const { reason } of rejected) rejections.inc({ reason });
}

async function timed<T>(step: Step, work: Promise<T>): Promise<T> {
  const startedMs = performance.now();
  try {
    return await work;
  } catch (error) {
    failures.inc({ step });
    throw error;
  } finally {
    seconds.observe({ step }, (performance.now() - startedMs) / 1_000);
  }
}
