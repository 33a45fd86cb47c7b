import type { Clock } from '@orbit/kernel';
import type { JsonObject } from '../domain/json.js';
import { ID_PREFIX, nounOf, type BodyOf, type Kind, type StripeEvent } from '../domain/objects.js';
import { resourceMissing } from '../domain/stripe-error.js';
import { firstDelayMs, isSubscribed, type Faults } from '../domain/webhook-schedule.js';
import type {
  DispatcherSignal,
  FaultBoard,
  IdSource,
  NewDelivery,
  SandboxStore,
  SandboxTransaction,
  Stored,
} from './ports.js';

export interface SandboxSettings {
  /** Where browsers reach us; the hosted page's address begins with it. */
  readonly publicUrl: string;
  readonly merchantName: string;
  /** Written into events when the caller names no version. */
  readonly apiVersion: string;
  readonly sessionTtlSecondsMin: number;
  /** Null: nobody listens on the environment's endpoint. */
  readonly webhook: { readonly url: string; readonly secret: string } | null;
}

/** Who asked: written into the events that the request causes. */
export interface Origin {
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
}

const NOBODY: Origin = { requestId: null, idempotencyKey: null };

/** One request's transaction with the time, new ids and the events that it raises. */
export class Work {
  private readonly events: StripeEvent[] = [];

  constructor(
    readonly tx: SandboxTransaction,
    readonly nowMs: number,
    readonly ids: IdSource,
    readonly settings: SandboxSettings,
    private readonly origin: Origin,
  ) {}

  get now(): number {
    return Math.floor(this.nowMs / 1_000);
  }

  id(kind: Kind, length = 24): string {
    return this.ids.next(ID_PREFIX[kind], length);
  }

  /** Raises an event that carries `object` as it stands now. */
  emit(type: string, object: JsonObject): void {
    this.events.push({
      id: this.ids.next('evt_', 24),
      object: 'event',
      api_version: this.settings.apiVersion,
      created: this.now,
      data: { object: structuredClone(object) },
      livemode: false,
      pending_webhooks: 0,
      request: { id: this.origin.requestId, idempotency_key: this.origin.idempotencyKey },
      type,
    });
  }

  /** Reads an object or refuses with `resource_missing`, naming `param`. */
  async need<K extends Kind>(kind: K, id: string, param?: string): Promise<Stored<K>> {
    const stored = await this.tx.find(kind, id);
    if (stored === null) throw resourceMissing(nounOf(kind), id, param);
    return stored;
  }

  /** As `need`, and nobody else changes the object until the transaction ends. */
  async lock<K extends Kind>(kind: K, id: string, param?: string): Promise<Stored<K>> {
    const stored = await this.tx.findForUpdate(kind, id);
    if (stored === null) throw resourceMissing(nounOf(kind), id, param);
    return stored;
  }

  /** Changes some fields of a body and saves it. */
  async patch<K extends Kind>(
    kind: K,
    body: BodyOf<K>,
    change: Partial<BodyOf<K>>,
  ): Promise<BodyOf<K>> {
    const changed = { ...body, ...change };
    await this.tx.save(kind, changed);
    return changed;
  }

  raisedEvents(): readonly StripeEvent[] {
    return this.events;
  }
}

/** Runs requests: one transaction each, whose events and deliveries commit with it or not at all. */
export class Sandbox {
  constructor(
    private readonly store: SandboxStore,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    private readonly faults: FaultBoard,
    private readonly dispatcher: DispatcherSignal,
    readonly settings: SandboxSettings,
  ) {}

  async run<T>(task: (work: Work) => Promise<T>, origin: Origin = NOBODY): Promise<T> {
    const nowMs = this.clock.nowMs();
    const { answer, hasEvents } = await this.store.transaction(async (tx) => {
      const work = new Work(tx, nowMs, this.ids, this.settings, origin);
      const answer = await task(work);
      const events = work.raisedEvents();
      await this.saveEvents(tx, events, nowMs);
      return { answer, hasEvents: events.length > 0 };
    });
    if (hasEvents) this.dispatcher.wake();
    return answer;
  }

  /** Sends an event once more to everyone who listens, as a delivery of its own. */
  async resend(eventId: string): Promise<number> {
    const nowMs = this.clock.nowMs();
    const count = await this.store.transaction(async (tx) => {
      const event = await tx.findEvent(eventId);
      if (event === null) throw resourceMissing('event', eventId);
      const endpointIds = await this.listeners(tx, event.type);
      const deliveries = endpointIds.map((endpointId) =>
        this.delivery(event.id, endpointId, 'pending', nowMs, nowMs),
      );
      await tx.insertEvents([], deliveries);
      return deliveries.length;
    });
    this.dispatcher.wake();
    return count;
  }

  private async saveEvents(
    tx: SandboxTransaction,
    events: readonly StripeEvent[],
    nowMs: number,
  ): Promise<void> {
    if (events.length === 0) return;
    const deliveries: NewDelivery[] = [];
    const counted: StripeEvent[] = [];
    for (const [index, event] of events.entries()) {
      const endpointIds = await this.listeners(tx, event.type);
      const atMs = nowMs + firstDelayMs(this.faults.read(), index, events.length);
      for (const endpointId of endpointIds) {
        const copies = 1 + this.faults.read().webhookDuplicates;
        const status = this.takeDrop() ? 'dropped' : 'pending';
        for (let copy = 0; copy < copies; copy++) {
          deliveries.push(this.delivery(event.id, endpointId, status, atMs, nowMs));
        }
      }
      counted.push({ ...event, pending_webhooks: endpointIds.length });
    }
    await tx.insertEvents(counted, deliveries);
  }

  /** Endpoint ids that want this type; null is the environment's, which wants everything. */
  private async listeners(
    tx: SandboxTransaction,
    type: string,
  ): Promise<readonly (string | null)[]> {
    const page = await tx.list('webhook_endpoint', {
      limit: 100,
      startingAfter: undefined,
      endingBefore: undefined,
      created: undefined,
      where: { status: 'enabled' },
    });
    const registered = (page?.data ?? [])
      .filter((endpoint) => isSubscribed(endpoint.enabled_events, type))
      .map((endpoint) => endpoint.id);
    return this.settings.webhook === null ? registered : [null, ...registered];
  }

  private takeDrop(): boolean {
    const faults: Faults = this.faults.read();
    if (faults.webhookDrops === 0) return false;
    if (faults.webhookDrops > 0) {
      this.faults.write({ ...faults, webhookDrops: faults.webhookDrops - 1 });
    }
    return true;
  }

  private delivery(
    eventId: string,
    endpointId: string | null,
    status: NewDelivery['status'],
    nextAttemptAtMs: number,
    createdAtMs: number,
  ): NewDelivery {
    const id = this.ids.next('whd_', 24);
    return { id, eventId, endpointId, status, nextAttemptAtMs, createdAtMs };
  }
}
