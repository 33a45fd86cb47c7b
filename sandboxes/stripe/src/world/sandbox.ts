import type { Clock } from '@orbit/kernel';
import { firstDelayMs, namesType, strikes } from '../controls/faults.js';
import type { StripeEvent } from './objects.js';
import { resourceMissing } from '../http/stripe-error.js';
import type {
  DispatcherSignal,
  FaultBoard,
  IdSource,
  NewDelivery,
  SandboxStore,
  SandboxTransaction,
} from './ports.js';
import { NOBODY, Work, type Origin, type SandboxSettings } from './work.js';

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
      const work = new Work(tx, nowMs, this.ids, this.settings, this.faults, origin);
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
      const place = { type: event.type, index, count: events.length };
      for (const endpointId of endpointIds) {
        const faults = this.faults.read();
        const copies = strikes(faults, event.type) ? 1 + faults.webhookDuplicates : 1;
        const status = this.takeDrop(event.type) ? 'dropped' : 'pending';
        for (let copy = 0; copy < copies; copy++) {
          const atMs = nowMs + firstDelayMs(faults, place, this.ids.random());
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
      .filter((endpoint) => namesType(endpoint.enabled_events, type))
      .map((endpoint) => endpoint.id);
    return this.settings.webhook === null ? registered : [null, ...registered];
  }

  private takeDrop(type: string): boolean {
    const faults = this.faults.read();
    if (faults.webhookDrops === 0 || !strikes(faults, type)) return false;
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
