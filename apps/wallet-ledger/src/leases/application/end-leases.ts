import { InvariantViolation, type Clock } from '@orbit/kernel';
import { expireLease, finishLease } from '../domain/lease.js';
import type { Escrow } from '../../books/domain/wallet.js';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { ChargeLog, ChargeLogEnds } from '../../books/application/shared-ports.js';
import type { LeaseReader, LeaseRecord } from './lease-ports.js';
import type { WalletKey } from '../../books/application/ports.js';

export interface EndLeasesLimits {
  /** How long a caller of `close` waits for the ledger to have read what came before. */
  readonly closeWaitMs: number;
  /**
   * After the end of a lease whose owner has not closed it: how long a charge that was authorized just
   * before may take to reach Kafka. Longer than the publish timeout of `SpendLease`, its margin counted.
   */
  readonly lateChargeMs: number;
}

export const END_LEASES_LIMITS: EndLeasesLimits = {
  closeWaitMs: 2_000,
  lateChargeMs: 5_000,
};

const LEASES_PER_RUN = 500;

/**
 * Gives back what is left of leases that are closed, or whose time is over because the owner died.
 *
 * Charges of the owner may be in Kafka and unread. So a lease is `closing` first; then the ends of
 * `charge.requested` are noted, and only when the ledger has committed past them is the rest returned.
 * The ends are kept in memory: after a restart they are noted again, later, which is as safe.
 */
export class EndLeases {
  private readonly ends = new Map<string, ChargeLogEnds>();

  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly reader: LeaseReader,
    private readonly chargeLog: ChargeLog,
    private readonly clock: Clock,
    private readonly limits: EndLeasesLimits = END_LEASES_LIMITS,
  ) {}

  /**
   * Closes leases past their end, returns what is due; answers how many leases changed. One lease that
   * fails does not keep the others; its error is thrown when they are done.
   */
  async run(): Promise<number> {
    const errors: unknown[] = [];
    const attempt = async (work: () => Promise<boolean>): Promise<number> => {
      try {
        return (await work()) ? 1 : 0;
      } catch (error) {
        errors.push(error);
        return 0;
      }
    };
    let changed = 0;
    const overdue = await this.reader.listOverdue(this.clock.nowMs(), LEASES_PER_RUN);
    for (const { key, lease } of overdue) {
      changed += await attempt(
        async () => (await this.change(key, lease.escrowId, expireLease)) !== null,
      );
    }
    const closing = await this.reader.listClosing(LEASES_PER_RUN);
    await this.noteEnds(closing);
    for (const record of closing) changed += await attempt(() => this.tryFinish(record));
    this.dropEnded(closing);
    if (errors.length > 0) throw errors[0];
    return changed;
  }

  /** The closed lease, or null when it takes longer: then `run` does it. */
  async finishSoon(key: WalletKey, leaseId: string): Promise<Escrow | null> {
    try {
      const ends = await this.chargeLog.readEnds();
      this.ends.set(leaseId, ends);
      const isHandled = await this.chargeLog.waitUntilHandled(ends, this.limits.closeWaitMs);
      return isHandled ? await this.finish(key, leaseId) : null;
    } catch (error) {
      if (error instanceof InvariantViolation) throw error;
      // Kafka is unavailable, or somebody else finishes it: the lease is closing, and `run` comes back to it.
      return null;
    }
  }

  /** For those that have none yet and whose charges are all sent: one question to Kafka for all of them. */
  private async noteEnds(closing: readonly LeaseRecord[]): Promise<void> {
    const nowMs = this.clock.nowMs();
    const unnoted = closing.filter(({ lease }) => {
      const endMs = lease.expiresAtMs ?? 0;
      const isClosedByOwner = endMs > nowMs;
      const isLongOver = endMs + this.limits.lateChargeMs <= nowMs;
      return !this.ends.has(lease.escrowId) && (isClosedByOwner || isLongOver);
    });
    if (unnoted.length === 0) return;
    const ends = await this.chargeLog.readEnds();
    for (const { lease } of unnoted) this.ends.set(lease.escrowId, ends);
  }

  private async tryFinish({ key, lease }: LeaseRecord): Promise<boolean> {
    const ends = this.ends.get(lease.escrowId);
    if (!ends || !(await this.chargeLog.isHandled(ends))) return false;
    return (await this.finish(key, lease.escrowId)) !== null;
  }

  private async finish(key: WalletKey, leaseId: string): Promise<Escrow | null> {
    const lease = await this.change(key, leaseId, finishLease);
    this.ends.delete(leaseId);
    return lease;
  }

  /** Ends that were noted for leases which another instance has finished. */
  private dropEnded(closing: readonly LeaseRecord[]): void {
    if (closing.length === LEASES_PER_RUN) return;
    const known = new Set(closing.map(({ lease }) => lease.escrowId));
    for (const leaseId of this.ends.keys()) if (!known.has(leaseId)) this.ends.delete(leaseId);
  }

  private async change(
    key: WalletKey,
    leaseId: string,
    decide: typeof expireLease | typeof finishLease,
  ): Promise<Escrow | null> {
    let lease: Escrow | null = null;
    await this.changeWallet.change(
      {
        kind: 'change',
        key,
        reference: null,
        reads: { escrows: [leaseId] },
        apply: (draft, context) => {
          const outcome = decide(draft, leaseId, context);
          lease = outcome.status === 'changed' ? outcome.lease : null;
          return outcome;
        },
      },
      `end:${leaseId}`,
    );
    return lease;
  }
}
