import type { Clock } from '@orbit/kernel';
import type { CustomerNames, CustomerResolver } from './ingest-ports.js';

/** How long a customer that was found is taken for there, in milliseconds. One that was not found is looked for again. */
const KNOWN_MS = 10_000;
const CUSTOMERS_MAX = 50_000;

interface Known {
  readonly names: CustomerNames;
  readonly untilMs: number;
}

/** Customers by name, remembered for a short while: events name the same few over and over. */
export class CustomerCache implements CustomerResolver {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly customers: CustomerResolver,
    private readonly clock: Clock,
  ) {}

  async resolve(
    accountId: string,
    ids: readonly string[],
    externalCustomerIds: readonly string[],
  ): Promise<readonly CustomerNames[]> {
    const nowMs = this.clock.nowMs();
    const found: CustomerNames[] = [];
    const recall = (key: string): boolean => {
      const known = this.known.get(key);
      if (!known || known.untilMs <= nowMs) return false;
      found.push(known.names);
      return true;
    };
    const unknownIds = ids.filter((id) => !recall(keyOf(accountId, 'id', id)));
    const unknownNames = externalCustomerIds.filter((id) => !recall(keyOf(accountId, 'ext', id)));
    if (unknownIds.length === 0 && unknownNames.length === 0) return found;
    const looked = await this.customers.resolve(accountId, unknownIds, unknownNames);
    for (const names of looked) this.remember(accountId, names, nowMs + KNOWN_MS);
    return [...found, ...looked];
  }

  /** It was deleted here. Another instance finds out within KNOWN_MS. */
  drop(accountId: string, { id, externalCustomerId }: CustomerNames): void {
    this.known.delete(keyOf(accountId, 'id', id));
    if (externalCustomerId !== null) this.known.delete(keyOf(accountId, 'ext', externalCustomerId));
  }

  private remember(accountId: string, names: CustomerNames, untilMs: number): void {
    // Rather all of them once than the oldest one at every look.
    if (this.known.size >= CUSTOMERS_MAX) this.known.clear();
    this.known.set(keyOf(accountId, 'id', names.id), { names, untilMs });
    const { externalCustomerId } = names;
    if (externalCustomerId === null) return;
    this.known.set(keyOf(accountId, 'ext', externalCustomerId), { names, untilMs });
  }
}

const keyOf = (accountId: string, kind: 'id' | 'ext', name: string): string =>
  `${accountId} ${kind} ${name}`;
