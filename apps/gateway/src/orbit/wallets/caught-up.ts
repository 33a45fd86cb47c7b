import type { WalletView } from '@orbit/contracts';
import type { HotReader, HotReading, Principal } from '../../edge/ports.js';

/** Pauses between two reads: Redis receives a commit a few milliseconds after it. */
const PAUSES_MS = [2, 5, 10, 20, 50, 100, 200, 400];

/** `isBehind`: older than what the books said. */
export type CaughtUpReading = HotReading & { readonly isBehind: boolean };

/**
 * Reads a wallet from Redis once it is as new as the books. Charges are decided in Redis: a customer who is shown
 * money before it has arrived there would be refused.
 */
export class CaughtUp {
  constructor(
    private readonly hot: HotReader,
    private readonly sleep: (ms: number) => Promise<void>,
  ) {}

  /**
   * Null when Redis does not have the wallet; it is loaded at its next use, and has no holds. It is behind when the
   * books do not arrive in Redis within 0.8 seconds. Errors: OrbitError `unavailable` when Redis is unavailable.
   */
  async read(
    { organizationId, currency }: Principal,
    books: Pick<WalletView, 'version'>,
  ): Promise<CaughtUpReading | null> {
    const version = BigInt(books.version);
    let hot = await this.hot.read(organizationId, currency);
    for (const pauseMs of PAUSES_MS) {
      if (hot === null || hot.version >= version) break;
      await this.sleep(pauseMs);
      hot = await this.hot.read(organizationId, currency);
    }
    return hot && { ...hot, isBehind: hot.version < version };
  }
}
