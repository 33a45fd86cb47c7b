import type { Clock } from '@orbit/kernel';

/** How coarse the last use of a key is known: one write a key and process in this time. */
const USE_KNOWN_MS = 600_000;
/** Keys that are remembered; full, it starts again. */
const KEYS_MAX = 20_000;

/** Writes down that a key is in use, without a write a request and without making any request wait. */
export class KeyUses {
  private readonly notedAtMs = new Map<string, number>();

  constructor(
    private readonly write: (keyId: string, at: Date) => Promise<void>,
    private readonly clock: Clock,
    private readonly failed: (keyId: string, error: unknown) => void,
  ) {}

  note(keyId: string): void {
    const nowMs = this.clock.nowMs();
    if (nowMs - (this.notedAtMs.get(keyId) ?? -Infinity) < USE_KNOWN_MS) return;
    if (this.notedAtMs.size >= KEYS_MAX) this.notedAtMs.clear();
    this.notedAtMs.set(keyId, nowMs);
    this.write(keyId, new Date(nowMs)).catch((error: unknown) => this.failed(keyId, error));
  }
}
