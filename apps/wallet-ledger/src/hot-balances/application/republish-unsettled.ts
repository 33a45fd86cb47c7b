import type { Clock } from '@orbit/kernel';
import { walletKey, type WalletKey, type WalletReader } from '../../books/application/ports.js';
import type { Stall } from '../../books/application/shared-ports.js';

/**
 * Publishes captures of one wallet again that are older than this and not posted; returns how many. `isDue` is asked
 * of each in turn, oldest first, and keeps back those for which it says no.
 */
export type RepublishUnsettled = (
  key: WalletKey,
  olderThanMs: number,
  isDue?: (chargeId: string) => boolean,
) => Promise<number>;

/** Those of these wallets that have captures older than this: one round trip, for most of them have none. */
export type FindUnsettled = (
  keys: readonly WalletKey[],
  olderThanMs: number,
) => Promise<readonly WalletKey[]>;

/** Far longer than a capture takes to come back through Kafka; a repeat is harmless anyway. */
const UNSETTLED_MS = 30_000;
/**
 * Back off to one hour: a charge the ledger refused will be refused again, and losing the same publish twice is rare.
 */
const WAIT_MS_MAX = 3_600_000;
/** Sent so often, minutes apart, a capture is not late any more: something keeps it out of the books. */
const SENT_STUCK = 3;
const WALLETS_PER_RUN = 500;

interface Resend {
  readonly sent: number;
  readonly dueAtMs: number;
}

/** Captures of one wallet that were sent so often that a person must look. */
export interface StuckCaptures {
  readonly key: WalletKey;
  readonly count: number;
  readonly oldestChargeId: string;
  /** Of the oldest. */
  readonly sent: number;
  readonly nextInMs: number;
}

/**
 * A caller that captured and died before `charge.requested` was acknowledged leaves money held that
 * nobody will charge. Redis kept the event, so it is published again; the charge id keeps it single.
 * Each run takes the next wallets in turn, so that the cost of a run is bounded.
 *
 * One that is still not posted afterwards is sent again ever more rarely: the ledger may be behind, or may
 * have put it to the dead letters, where a copy every few seconds would bury all else. It is never given up.
 */
export class RepublishLostCaptures {
  private afterWalletNo = 0n;
  /** By wallet, then by charge id; kept in memory: a restart sends all of them once more. */
  private readonly resends = new Map<string, ReadonlyMap<string, Resend>>();
  private readonly stuck = new Map<string, StuckCaptures>();

  constructor(
    private readonly reader: Pick<WalletReader, 'listWallets'>,
    private readonly captures: {
      readonly find: FindUnsettled;
      readonly republish: RepublishUnsettled;
    },
    private readonly clock: Clock,
    private readonly onStuck: (stuck: StuckCaptures) => void,
  ) {}

  async run(): Promise<number> {
    const wallets = await this.reader.listWallets(this.afterWalletNo, WALLETS_PER_RUN);
    const keys = wallets.map(({ key }) => key);
    const found = new Set((await this.captures.find(keys, UNSETTLED_MS)).map(walletKey));
    let count = 0;
    for (const key of keys) {
      const name = walletKey(key);
      // A capture that was sent before may be posted by now, and is then dropped.
      if (found.has(name) || this.resends.has(name)) count += await this.runWallet(name, key);
    }
    this.afterWalletNo = wallets.length < WALLETS_PER_RUN ? 0n : (wallets.at(-1)?.walletNo ?? 0n);
    return count;
  }

  stalls(): readonly Stall[] {
    const all = [...this.stuck.values()];
    const [first] = all;
    if (!first) return [];
    const count = all.reduce((sum, stuck) => sum + stuck.count, 0);
    const { oldestChargeId, sent, key } = first;
    const detail = `${count} in ${all.length} wallets; one is ${oldestChargeId} of ${key.organizationId}, sent ${sent} times`;
    return [{ what: 'captures', state: 'unsettled', detail }];
  }

  private async runWallet(name: string, key: WalletKey): Promise<number> {
    const known = this.resends.get(name);
    const nowMs = this.clock.nowMs();
    // Those that are posted meanwhile are not asked about, and so are dropped.
    const seen = new Map<string, Resend>();
    const count = await this.captures.republish(key, UNSETTLED_MS, (chargeId) => {
      const before = known?.get(chargeId) ?? { sent: 0, dueAtMs: nowMs };
      const isDue = before.dueAtMs <= nowMs;
      seen.set(chargeId, isDue ? sentAgain(before, nowMs) : before);
      return isDue;
    });
    if (seen.size === 0) this.resends.delete(name);
    else this.resends.set(name, seen);
    this.judge(name, key, seen, nowMs, count > 0);
    return count;
  }

  private judge(
    name: string,
    key: WalletKey,
    seen: ReadonlyMap<string, Resend>,
    nowMs: number,
    hasSent: boolean,
  ): void {
    const stuck = [...seen].filter(([, { sent }]) => sent >= SENT_STUCK);
    const [oldest] = stuck;
    if (!oldest) {
      this.stuck.delete(name);
      return;
    }
    const [oldestChargeId, { sent, dueAtMs }] = oldest;
    const report = { key, count: stuck.length, oldestChargeId, sent, nextInMs: dueAtMs - nowMs };
    this.stuck.set(name, report);
    if (hasSent) this.onStuck(report);
  }
}

/** Waits one minute, then two, then four, … */
function sentAgain({ sent }: Resend, nowMs: number): Resend {
  const waitMs = Math.min(WAIT_MS_MAX, UNSETTLED_MS * 2 ** (sent + 1));
  return { sent: sent + 1, dueAtMs: nowMs + waitMs };
}
