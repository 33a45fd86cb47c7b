import { Controller } from '@nestjs/common';
import { WEBHOOK_EVENT_TYPES, type WebhookEventType } from '@orbit/contracts';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { ForwardEvents } from '../application/forward-events.js';

interface OrganizationEvent {
  readonly organization_id: string;
}

/** At least once: the id of each event makes a repeat of it a thing that is known. */
@Controller()
export class EventsConsumer {
  constructor(private readonly forward: ForwardEvents) {}

  @BatchHandler(...WEBHOOK_EVENT_TYPES)
  onEvents(batch: EventBatch<OrganizationEvent>): Promise<void> {
    const type = batch.topic as WebhookEventType;
    return this.forward.run(
      batch.events.map(({ id, timeMs, value, trace }) => ({
        sourceId: `${type}:${id}`,
        type,
        organizationId: value.organization_id,
        atMs: timeMs,
        value: { ...value },
        trace: trace === undefined ? null : { ...trace },
      })),
    );
  }
}
