import { isUnreachable } from '../rpc/availability.js';
import type { Clock } from '@orbit/kernel';

/** How old the list may be when it is asked. */
const FRESH_MS = 30_000;

/** The hashes of unrevoked keys that were made before keys carried a check. Their number never grows. */
export type UncheckedHashes = () => Promise<readonly string[]>;

/**
 * Says without a server whether a key without a check may be a right one; asked for throttled addresses alone. One
 * question to Postgres serves all guesses of half a minute.
 */
export class UncheckedKeys {
  private known: Promise<ReadonlySet<string> | null> | null = null;
  private knownAtMs = 0;

  constructor(
    private readonly read: UncheckedHashes,
    private readonly clock: Clock,
  ) {}

  /** True also while Postgres is unavailable: then whoever admits keys decides, as for any address. */
  async mayHold(keyHash: string): Promise<boolean> {
    const nowMs = this.clock.nowMs();
    if (this.known === null || nowMs - this.knownAtMs >= FRESH_MS) {
      this.known = this.load();
      this.knownAtMs = nowMs;
    }
    return (await this.known)?.has(keyHash) ?? true;
  }

  private async load(): Promise<ReadonlySet<string> | null> {
    try {
      return new Set(await this.read());
    } catch (error) {
      if (isUnreachable(error)) return null;
      throw error;
    }
  }
}
