import type { Clock } from '@orbit/kernel';
import type { Clients } from '../../edge/rpc/clients.js';

/** How old our knowledge may be, in milliseconds; what was deprecated through this process is known at once. */
const KNOWN_MS = 1_000;

interface Known {
  readonly keys: Set<string>;
  next: string;
  untilMs: number;
}

/**
 * Keys of deprecated events, which no event may have again. There are few: a hundred a customer in a hundred days. The
 * registry would drop such an event anyway; this is what lets us say so.
 */
export class DeprecatedKeys {
  private readonly accounts = new Map<string, Known>();

  constructor(
    private readonly metering: Pick<Clients['usageIngest'], 'deprecatedKeys'>,
    private readonly clock: Clock,
  ) {}

  /** While usage-metering is unavailable it says what it knew. */
  async of(accountId: string): Promise<ReadonlySet<string>> {
    const known = this.accounts.get(accountId) ?? { keys: new Set(), next: '0', untilMs: 0 };
    this.accounts.set(accountId, known);
    if (known.untilMs > this.clock.nowMs()) return known.keys;
    known.untilMs = this.clock.nowMs() + KNOWN_MS;
    await this.refresh(accountId, known).catch(() => undefined);
    return known.keys;
  }

  /** One was deprecated: ask before the next answer. */
  expectChange(accountId: string): void {
    const known = this.accounts.get(accountId);
    if (known) known.untilMs = 0;
  }

  private async refresh(accountId: string, known: Known): Promise<void> {
    for (;;) {
      const query = { account_id: accountId, after: known.next };
      const { keys, next, has_more } = await this.metering.deprecatedKeys(query);
      for (const key of keys) known.keys.add(key);
      known.next = next;
      if (!has_more) return;
    }
  }
}
