import { newId, type Clock } from '@orbit/kernel';
import { objectIdOf, orbitBodyOf, type PublishedEvent } from '../domain/orbit-event.js';
import type { ForwardedEvent, OrbitFacts, OrbitReceiver } from './orbit-ports.js';

/**
 * Turns events of the topics into deliveries to the endpoints of their organizations. Two statements a batch, one
 * when nobody wants to know. At least once: an event that is here already makes no second delivery.
 * Errors: the database's own.
 */
export class ForwardEvents {
  constructor(
    private readonly facts: OrbitFacts,
    private readonly clock: Clock,
  ) {}

  async run(events: readonly PublishedEvent[]): Promise<void> {
    const organizations = new Set(events.map(({ organizationId }) => organizationId));
    const receivers = await this.facts.receivers([...organizations]);
    if (receivers.length === 0) return;
    const forwarded = new Map<string, ForwardedEvent>();
    for (const event of events) {
      const wanting = receivers.filter((one) => wants(one, event));
      if (wanting.length > 0) forwarded.set(event.sourceId, this.toForward(event, wanting));
    }
    if (forwarded.size > 0) {
      await this.facts.record([...forwarded.values()], new Date(this.clock.nowMs()));
    }
  }

  private toForward(event: PublishedEvent, receivers: readonly OrbitReceiver[]): ForwardedEvent {
    const nowMs = this.clock.nowMs();
    const id = newId('evt', nowMs);
    const { sourceId, organizationId, type, trace } = event;
    return {
      ...{ id, sourceId, organizationId, type, trace },
      accountId: receivers[0]?.accountId ?? '',
      objectId: objectIdOf(event),
      body: orbitBodyOf(id, event),
      at: new Date(event.atMs),
      deliveries: receivers.map((one) => ({ id: newId('dlv', nowMs), endpointId: one.endpointId })),
    };
  }
}

/** An endpoint gets no event from before it was made: a topic that is read from its beginning has old ones. */
const wants = (receiver: OrbitReceiver, event: PublishedEvent): boolean =>
  receiver.organizationId === event.organizationId &&
  receiver.createdAt.getTime() <= event.atMs &&
  (receiver.eventTypes?.includes(event.type) ?? true);
