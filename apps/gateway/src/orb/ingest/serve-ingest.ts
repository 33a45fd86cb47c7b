import type { BackfillView, OrbAnswer } from '@orbit/contracts';
import { notFound, problemOf, refused as orbRefused } from '@orbit/orb-api';
import type { Clients } from '../../edge/rpc/clients.js';
import { cutMessages, type NamedEvent } from './cut-messages.js';
import type { DeprecatedKeys } from './deprecated-keys.js';
import type {
  AccountTimes,
  CustomerNames,
  CustomerResolver,
  FailedEvent,
  ReadEvent,
  UsageTopic,
} from './ingest-ports.js';
import { readEvents, type WindowOfEvents } from './read-events.js';

export interface IngestRequest {
  readonly account: { readonly id: string; readonly mode: 'live' | 'test' };
  readonly body: unknown;
  readonly isDebug: boolean;
  readonly backfillId: string | null;
}

/**
 * POST /ingest: all events of a request or none. Accepted means that Kafka keeps them; the registry of usage-metering
 * decides later which of them are new. Errors: unavailable, timeout; then the same request may be repeated.
 */
export class ServeIngest {
  constructor(
    private readonly customers: CustomerResolver,
    private readonly topic: UsageTopic,
    private readonly metering: Pick<Clients['usageIngest'], 'knownKeys' | 'backfill'>,
    private readonly times: AccountTimes,
    private readonly deprecated: Pick<DeprecatedKeys, 'of'>,
  ) {}

  async run(request: IngestRequest): Promise<OrbAnswer> {
    const { account, backfillId } = request;
    const accountId = account.id;
    const nowMs = await this.times.nowMs(account);
    const backfill = await this.backfillOf(accountId, backfillId);
    const closed = backfillId === null ? null : refusalOf(backfillId, backfill);
    if (closed) return closed;
    const window: WindowOfEvents = { nowMs, backfill: backfill && windowOf(backfill) };
    const read = readEvents(request.body, window);
    if (read.faults.length > 0) return refused(read.faults, []);
    if (read.failed.length > 0) return refused([], read.failed);
    const named = await this.named(accountId, read.events);
    const checked = distinct(named, {
      deprecated: backfill ? new Set() : await this.deprecated.of(accountId),
      customerId: backfill?.customer_id ?? null,
    });
    if (checked.failed.length > 0) return refused([], checked.failed);
    const debug = request.isDebug ? await this.debugOf(accountId, read.events) : null;
    const context = { accountId, acceptedAtMs: nowMs, backfillId };
    if (checked.events.length > 0) await this.topic.publish(cutMessages(checked.events, context));
    const body = { validation_failed: [], ...(debug ? { debug } : {}) };
    return { status: 200, body: JSON.stringify(body) };
  }

  private async backfillOf(accountId: string, id: string | null): Promise<BackfillView | null> {
    if (id === null) return null;
    return this.metering.backfill({ account_id: accountId, backfill_id: id });
  }

  private async named(
    accountId: string,
    events: readonly ReadEvent[],
  ): Promise<readonly NamedOrUnknown[]> {
    const ids = new Set<string>();
    const externalIds = new Set<string>();
    for (const { customerId, externalCustomerId } of events) {
      if (customerId !== null) ids.add(customerId);
      if (externalCustomerId !== null) externalIds.add(externalCustomerId);
    }
    if (events.length === 0) return [];
    const found = await this.customers.resolve(accountId, [...ids], [...externalIds]);
    const byId = new Map(found.map((names) => [names.id, names]));
    const byName = new Map(
      found.flatMap((names): [string, CustomerNames][] =>
        names.externalCustomerId === null ? [] : [[names.externalCustomerId, names]],
      ),
    );
    return events.map((event) => {
      if (event.customerId === null) {
        const customer = byName.get(event.externalCustomerId ?? '') ?? null;
        return { event, customer, isUnknown: false };
      }
      const customer = byId.get(event.customerId) ?? null;
      return { event, customer, isUnknown: customer === null };
    });
  }

  /** Two requests with one key at once may both say `ingested`: the registry decides when it reads them. */
  private async debugOf(
    accountId: string,
    events: readonly ReadEvent[],
  ): Promise<{ readonly ingested: readonly string[]; readonly duplicate: readonly string[] }> {
    const keys = events.map(({ idempotencyKey }) => idempotencyKey);
    const seen = new Set(
      await this.metering.knownKeys({ account_id: accountId, keys: [...new Set(keys)] }),
    );
    const ingested: string[] = [];
    const duplicate: string[] = [];
    for (const key of keys) {
      (seen.has(key) ? duplicate : ingested).push(key);
      seen.add(key);
    }
    return { ingested, duplicate };
  }
}

interface NamedOrUnknown extends NamedEvent {
  /** It names a customer by id that the account has not. */
  readonly isUnknown: boolean;
}

/** One event a key; a key that stands for two different events refuses the request. */
function distinct(
  named: readonly NamedOrUnknown[],
  limits: { readonly deprecated: ReadonlySet<string>; readonly customerId: string | null },
): {
  readonly failed: readonly FailedEvent[];
  readonly events: readonly NamedEvent[];
} {
  const failed: FailedEvent[] = [];
  const byKey = new Map<string, NamedEvent>();
  for (const [at, { event, customer, isUnknown }] of named.entries()) {
    const { idempotencyKey } = event;
    const fail = (error: string): void =>
      void failed.push({
        idempotency_key: idempotencyKey,
        validation_errors: [`events[${at}].${error}`],
      });
    if (isUnknown) {
      fail(`customer_id ${JSON.stringify(event.customerId)} is no customer of this account`);
      continue;
    }
    if (limits.customerId !== null && customer?.id !== limits.customerId) {
      fail('customer_id must be the customer of the backfill');
      continue;
    }
    if (limits.deprecated.has(idempotencyKey)) {
      fail('idempotency_key stands for an event that was deprecated');
      continue;
    }
    const before = byKey.get(idempotencyKey);
    if (!before) byKey.set(idempotencyKey, { event, customer });
    else if (contentOf(before) !== contentOf({ event, customer })) {
      fail('idempotency_key stands for another event of this request already');
    }
  }
  return { failed, events: [...byKey.values()] };
}

/** The same for two events that say the same, whichever name of their customer they use. */
function contentOf({ event, customer }: NamedEvent): string {
  const properties = Object.entries(event.properties).sort(([a], [b]) => (a < b ? -1 : 1));
  const name = customer?.id ?? [event.externalCustomerId];
  return JSON.stringify([name, event.eventName, event.timestampMs, properties]);
}

const windowOf = ({ from, to }: BackfillView): { fromMs: number; toMs: number } => ({
  fromMs: Date.parse(from),
  toMs: Date.parse(to),
});

function refusalOf(id: string, backfill: BackfillView | null): OrbAnswer | null {
  if (backfill?.is_open === true) return null;
  const refusal = backfill
    ? { code: 'constraint_violation' as const, detail: `Backfill ${id} is closed.` }
    : notFound('backfill', id);
  return orbRefused(refusal);
}

/** Both keys: SDKs know the type by `validation_errors`, and the contract of this operation says `validation_failed`. */
function refused(faults: readonly string[], failed: readonly FailedEvent[]): OrbAnswer {
  const detail =
    faults.length > 0
      ? faults.join('; ')
      : `${failed.length} of the events cannot be taken, so none was. ${failed[0]?.validation_errors[0] ?? ''}`;
  const validationErrors = faults.length > 0 ? faults : failed;
  const problem = problemOf({ code: 'request_validation_errors', detail, validationErrors });
  return { status: 400, body: JSON.stringify({ ...problem, validation_failed: failed }) };
}
