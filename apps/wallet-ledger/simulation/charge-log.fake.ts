import type { SeededRandom } from '@orbit/testing';
import type { CommandResult, LedgerCommand } from '../src/books/application/commands.js';
import type { PostBatch } from '../src/books/application/post-batch.js';
import { Crash, type CrashPoint } from './crash.fake.js';

const BATCH_MAX = 12;

/** One partition of Kafka: messages in order, and how far the ledger has committed. */
export class Partition {
  readonly messages: LedgerCommand[] = [];
  committed = 0;

  constructor(readonly name: string) {}

  get isRead(): boolean {
    return this.committed === this.messages.length;
  }

  /** Reads a batch of a size that is drawn; the offsets move only when all of it is done. */
  async consume(
    ledger: PostBatch,
    random: SeededRandom,
    crash: CrashPoint,
    onResults: (commands: readonly LedgerCommand[], results: readonly CommandResult[]) => void,
  ): Promise<boolean> {
    const batch = this.messages.slice(
      this.committed,
      this.committed + random.integer(1, BATCH_MAX),
    );
    if (batch.length === 0) return true;
    try {
      onResults(batch, await ledger.run(batch, this.name));
      // Between the publication and the commit of offsets.
      crash.pass();
      this.committed += batch.length;
      return true;
    } catch (error) {
      if (error instanceof Crash) return false;
      throw error;
    }
  }
}
