import { OrbitError } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { Admission, KeyGate, Principal } from '../edge/ports.js';
import { countRequest, type RateLimitState, type RequestRate } from './request-rate.js';

/** While Redis is unavailable one request in so long asks it; the others do not wait for its silence. */
const ASK_AGAIN_MS = 1_000;
/** Keys whose rate is counted; the oldest is forgotten first. */
const KEYS_MAX = 10_000;

/**
 * The key gate when Redis is unavailable, so that what a wallet's outage policy allows can be asked for over HTTP: Postgres
 * answers for every key, revoked ones too, and each process counts the rate by itself.
 */
export class OutageKeyGate<Owner = Principal> implements KeyGate<Owner> {
  private askAgainAtMs: number | null = null;
  /** When each key is idle again, in microseconds. */
  private readonly idleAt = new Map<string, number>();

  constructor(
    private readonly inner: KeyGate<Owner>,
    private readonly rate: RequestRate,
    private readonly clock: Clock,
  ) {}

  async admit(keyHash: string): Promise<Admission<Owner>> {
    if (this.isTurnToAsk()) {
      try {
        const admitted = await this.inner.admit(keyHash);
        this.askAgainAtMs = null;
        this.idleAt.clear();
        return admitted;
      } catch (error) {
        this.noteAway(error);
      }
    }
    return { cached: 'absent', rate: this.count(keyHash) };
  }

  /** Only a cache is filled: while Redis is unavailable there is none, and nothing is lost. */
  async remember(keyHash: string, owner: Owner | null): Promise<void> {
    if (this.askAgainAtMs !== null) return;
    try {
      await this.inner.remember(keyHash, owner);
    } catch (error) {
      this.noteAway(error);
    }
  }

  /** Fails while Redis is unavailable: it may come back with the key in its cache. Then the revocation is repeated. */
  bar(keyHash: string): Promise<void> {
    return this.inner.bar(keyHash);
  }

  private isTurnToAsk(): boolean {
    if (this.askAgainAtMs === null) return true;
    const nowMs = this.clock.nowMs();
    if (nowMs < this.askAgainAtMs) return false;
    this.askAgainAtMs = nowMs + ASK_AGAIN_MS;
    return true;
  }

  private noteAway(error: unknown): void {
    if (!(error instanceof OrbitError) || error.code !== 'unavailable') throw error;
    this.askAgainAtMs = this.clock.nowMs() + ASK_AGAIN_MS;
  }

  private count(keyHash: string): RateLimitState {
    const nowMicros = this.clock.nowMs() * 1_000;
    const counted = countRequest(this.rate, this.idleAt.get(keyHash) ?? 0, nowMicros);
    this.idleAt.delete(keyHash);
    this.idleAt.set(keyHash, counted.idleAtMicros);
    const [oldest] = this.idleAt.keys();
    if (this.idleAt.size > KEYS_MAX && oldest !== undefined) this.idleAt.delete(oldest);
    return counted.state;
  }
}
