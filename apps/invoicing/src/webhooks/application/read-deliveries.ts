import {
  OrbitError,
  unknownCursor,
  type DeliveryRef,
  type ListDeliveries,
  type WebhookDelivery,
  type WebhookDeliveryDetail,
  type WebhookDeliveryPage,
} from '@orbit/contracts';
import { isoInstant, newId, type Clock } from '@orbit/kernel';
import type { DeliveryLog, DeliveryOwner, LoggedAttempt, LoggedDelivery } from './orbit-ports.js';

/** How long a delivery that has ended can be read and sent again. */
const KEPT_MS = 30 * 86_400_000;
/** The rows that one transaction removes, so that it holds no lock for long. */
const PRUNE_MAX = 1_000;

/** The log of deliveries, and how one is sent again. Errors: OrbitError as each says; the database's own. */
export class ReadDeliveries {
  constructor(
    private readonly log: DeliveryLog,
    private readonly clock: Clock,
    /** Something is to be sent. */
    private readonly onDue: () => void,
  ) {}

  /** Newest first. Errors: invalid_field for a cursor of another list. */
  async list(request: ListDeliveries): Promise<WebhookDeliveryPage> {
    const owner = ownerOf(request);
    const { limit, after_id: afterId = null, endpoint_id: endpointId = null } = request;
    if (afterId !== null) {
      const last = await this.log.read(owner, afterId);
      if (!last || (endpointId !== null && last.endpointId !== endpointId)) throw unknownCursor();
    }
    const { state = null, event_type: eventType = null } = request;
    const rows = await this.log.list(owner, { endpointId, state, eventType, limit, afterId });
    const deliveries = rows.slice(0, limit).map(toView);
    const hasMore = rows.length > limit;
    const next = hasMore ? (deliveries.at(-1)?.delivery_id ?? null) : null;
    return { deliveries, next_cursor: next, has_more: hasMore };
  }

  /** Errors: not_found. */
  async read(request: DeliveryRef): Promise<WebhookDeliveryDetail> {
    const delivery = await this.find(request);
    const { body, attempts } = await this.log.detail(delivery.id);
    return { ...toView(delivery), body, attempts: attempts.map(toAttempt) };
  }

  /** Errors: not_found; conflict when its endpoint takes nothing. */
  async resend(request: DeliveryRef): Promise<WebhookDelivery> {
    const { id } = await this.find(request);
    const nowMs = this.clock.nowMs();
    const sent = await this.log.resend(id, newId('dlv', nowMs), new Date(nowMs));
    if (sent === null) {
      const message = 'The endpoint of this delivery is deleted or disabled. Enable it first.';
      throw new OrbitError('conflict', message);
    }
    this.onDue();
    return toView(await this.find({ ...request, delivery_id: sent }));
  }

  /** Removes deliveries that ended more than thirty days ago; returns how many. */
  async prune(): Promise<number> {
    const before = new Date(this.clock.nowMs() - KEPT_MS);
    for (let total = 0; ;) {
      const count = await this.log.prune(before, PRUNE_MAX);
      total += count;
      if (count < PRUNE_MAX) return total;
    }
  }

  private async find(request: DeliveryRef): Promise<LoggedDelivery> {
    const { delivery_id: id, endpoint_id: endpointId } = request;
    const delivery = await this.log.read(ownerOf(request), id);
    const isThere = endpointId === undefined || delivery?.endpointId === endpointId;
    if (!delivery || !isThere) {
      throw new OrbitError('not_found', 'There is no such delivery. They are kept for 30 days.');
    }
    return delivery;
  }
}

function ownerOf(request: Pick<DeliveryRef, 'organization_id' | 'account_id'>): DeliveryOwner {
  const { organization_id: organizationId, account_id: accountId } = request;
  if (organizationId !== undefined) return { organizationId };
  if (accountId !== undefined) return { accountId };
  const message = 'organization_id or account_id says whose deliveries are meant.';
  throw new OrbitError('invalid_field', message, { param: 'organization_id' });
}

const instantOf = (at: Date): string => isoInstant(at.getTime());
const toAttempt = (attempt: LoggedAttempt) => ({
  number: attempt.number,
  attempted_at: instantOf(attempt.attemptedAt),
  latency_ms: attempt.latencyMs,
  status: attempt.status,
  error: attempt.error,
  response: attempt.response,
});
const toView = (delivery: LoggedDelivery): WebhookDelivery => ({
  delivery_id: delivery.id,
  endpoint_id: delivery.endpointId,
  event_id: delivery.eventId,
  event_type: delivery.eventType,
  object_id: delivery.objectId,
  sequence: delivery.sequence,
  state: delivery.state,
  attempt_count: delivery.attemptCount,
  created_at: instantOf(delivery.createdAt),
  next_attempt_at: delivery.nextAttemptAt && instantOf(delivery.nextAttemptAt),
  ended_at: delivery.endedAt && instantOf(delivery.endedAt),
  last_attempt: delivery.lastAttempt && toAttempt(delivery.lastAttempt),
});
