import type { Clock } from '@orbit/kernel';
import type { ChargeLog, ChargeLogEnds } from '../../books/application/shared-ports.js';

/** Whether the memory of Redis is trusted; kept in Redis itself, so that a loss takes it along. */
export interface MemoryTrustPort {
  isTrusted(): Promise<boolean>;
  /** Returns the mark of the recovery that is under way, this one or another ledger's. */
  begin(): Promise<string>;
  /** False when the memory was lost again since. */
  finish(mark: string): Promise<boolean>;
}

export interface RecoveryWatch {
  lost(partitions: number): void;
  recovered(durationMs: number): void;
}

interface Recovery {
  readonly mark: string;
  readonly ends: ChargeLogEnds;
  readonly startedAtMs: number;
}

/**
 * After Redis has lost its memory, wallets may be authorized from again only when every charge that was
 * captured before is in the books: posted balances are then true without the holds that are gone.
 *
 * lost → a mark in Redis → the ends of `charge.requested`, read after the mark stands → wait until the
 * ledger's group has committed past them → trust, if the mark still stands. A second loss takes the mark
 * along, so that it starts again. Several ledgers may do this at once; the first to end it ends it for all.
 * One partition that does not move keeps all wallets closed: a charge may lie on any, whatever its key.
 */
export class RecoverEpoch {
  private recovery: Recovery | null = null;
  private advancing: Promise<boolean> | null = null;

  constructor(
    private readonly trust: MemoryTrustPort,
    private readonly chargeLog: Pick<ChargeLog, 'readEnds' | 'isHandled'>,
    private readonly watch: RecoveryWatch,
    private readonly clock: Clock,
  ) {}

  /** Whether a wallet may be loaded; asked after the load was permitted. Errors of Redis and Kafka are thrown. */
  async isTrusted(): Promise<boolean> {
    if (await this.trust.isTrusted()) return true;
    await this.advance();
    return this.trust.isTrusted();
  }

  /** Notices a loss, and ends its recovery when it can. Returns how many ended: the interval job's count. */
  async run(): Promise<number> {
    if (await this.trust.isTrusted()) {
      this.recovery = null;
      return 0;
    }
    return (await this.advance()) ? 1 : 0;
  }

  private advance(): Promise<boolean> {
    this.advancing ??= this.step().finally(() => {
      this.advancing = null;
    });
    return this.advancing;
  }

  private async step(): Promise<boolean> {
    const mark = await this.trust.begin();
    if (this.recovery?.mark !== mark) {
      const startedAtMs = this.clock.nowMs();
      const ends = await this.chargeLog.readEnds();
      this.recovery = { mark, ends, startedAtMs };
      this.watch.lost(ends.size);
    }
    const { ends, startedAtMs } = this.recovery;
    if (!(await this.chargeLog.isHandled(ends))) return false;
    if (!(await this.trust.finish(mark))) return false;
    this.recovery = null;
    this.watch.recovered(this.clock.nowMs() - startedAtMs);
    return true;
  }
}
