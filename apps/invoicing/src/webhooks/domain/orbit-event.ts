import type { WebhookEventType } from '@orbit/contracts';
import { isoInstant } from '@orbit/kernel';

/** An event of the Orbit API as its topic carried it. */
export interface PublishedEvent {
  /** The same when the topic brings it again. */
  readonly sourceId: string;
  readonly type: WebhookEventType;
  readonly organizationId: string;
  readonly atMs: number;
  readonly value: Readonly<Record<string, unknown>>;
  readonly trace: Readonly<Record<string, unknown>> | null;
}

/** The field that names what an event is about; of the others that is the wallet. */
const OBJECT_FIELDS: Partial<Record<WebhookEventType, string>> = {
  'charge.rejected': 'charge_id',
  'topup.completed': 'topup_id',
  'topup.failed': 'topup_id',
  'refund.pending': 'refund_id',
  'refund.completed': 'refund_id',
  'refund.failed': 'refund_id',
  'dispute.opened': 'dispute_id',
  'dispute.closed': 'dispute_id',
  'credit.withdrawn': 'topup_id',
  'invoice.issued': 'invoice_id',
  'subscription.changed': 'subscription_id',
  'subscription.invoiced': 'invoice_id',
};

/** Events of one object are sent in their order. */
export function objectIdOf({ type, organizationId, value }: PublishedEvent): string {
  const field = OBJECT_FIELDS[type];
  return field === undefined
    ? `${organizationId}/${String(value['currency'])}`
    : String(value[field]);
}

/** The body to send: the event as its topic has it, in an envelope. */
export const orbitBodyOf = (id: string, event: PublishedEvent): string =>
  JSON.stringify({
    id,
    type: event.type,
    created_at: isoInstant(event.atMs),
    organization_id: event.organizationId,
    data: event.value,
  });
