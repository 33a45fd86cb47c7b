import type { PostBatch } from '../application/post-batch.js';
import type {
  HotBalancesPort,
  LedgerEvents,
  LedgerStore,
  LedgerTransaction,
} from '../application/ports.js';

interface PostingPorts {
  readonly store: LedgerStore;
  readonly hotBalances: HotBalancesPort;
  readonly events: LedgerEvents;
}

/** Where a test may have the process die, in the order in which a posting group passes them. */
export const FAIL_POINTS = [
  'after_read',
  'after_claim',
  'before_commit',
  'after_commit',
  'after_settle',
  'after_publish',
  'before_offsets',
] as const;
export type FailPointName = (typeof FAIL_POINTS)[number];

/** "after_commit", or "after_commit:3" for the third time that it is passed. */
export const FAIL_POINT_FORM = new RegExp(`^(${FAIL_POINTS.join('|')})(:[1-9]\\d{0,8})?$`);

/**
 * kill -9 of this very process at a named place, for crash tests: no handler runs, no buffer is flushed.
 * It sits around the ports, so that the code under test is the code that ships. Configuration refuses it in production.
 */
export class FailPoint {
  private readonly name: string;
  private timesLeft: number;

  constructor(
    text: string,
    private readonly die: () => void = () => process.kill(process.pid, 'SIGKILL'),
  ) {
    const [name = '', times = '1'] = text.split(':');
    this.name = name;
    this.timesLeft = Number(times);
  }

  passed(name: FailPointName): void {
    if (name !== this.name) return;
    this.timesLeft -= 1;
    if (this.timesLeft === 0) this.die();
  }

  /** All ports of a posting group at once. */
  around<T extends PostingPorts>(ports: T): T {
    return {
      ...ports,
      store: this.store(ports.store),
      hotBalances: this.hotBalances(ports.hotBalances),
      events: this.events(ports.events),
    };
  }

  /** The last place: everything is done, and only the offsets are not committed. */
  afterRun(postBatch: PostBatch): void {
    const run = postBatch.run.bind(postBatch);
    postBatch.run = (commands, claimId) => this.after('before_offsets', run(commands, claimId));
  }

  store(inner: LedgerStore): LedgerStore {
    return {
      dropPublished: (ids) => inner.dropPublished(ids),
      inTransaction: async (work) => {
        const result = await inner.inTransaction((tx) => work(this.transaction(tx)));
        this.passed('after_commit');
        return result;
      },
    };
  }

  hotBalances(inner: HotBalancesPort): HotBalancesPort {
    return {
      claim: (requests) => this.after('after_claim', inner.claim(requests)),
      confirm: (settlements) => this.after('after_settle', inner.confirm(settlements)),
    };
  }

  events(inner: LedgerEvents): LedgerEvents {
    return {
      publish: (events, nowMs) => this.after('after_publish', inner.publish(events, nowMs)),
    };
  }

  private transaction(inner: LedgerTransaction): LedgerTransaction {
    return {
      lockWallets: (keys) => this.after('after_read', inner.lockWallets(keys)),
      readOutcomes: (keys) => this.after('after_read', inner.readOutcomes(keys)),
      readBlocks: (keys) => inner.readBlocks(keys),
      readEscrows: (keys) => inner.readEscrows(keys),
      readPaymentEscrows: (keys) => inner.readPaymentEscrows(keys),
      readTaken: (keys) => inner.readTaken(keys),
      readFundings: (keys) => inner.readFundings(keys),
      readRemainders: (keys) => inner.readRemainders(keys),
      save: (write) => this.after('before_commit', inner.save(write)),
    };
  }

  private async after<T>(name: FailPointName, work: Promise<T>): Promise<T> {
    const result = await work;
    this.passed(name);
    return result;
  }
}
