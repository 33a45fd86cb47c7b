import { newId, type Clock } from '@orbit/kernel';
import type { Sql } from '@orbit/persistence';
import { currentTrace } from '@orbit/runtime';
import { bodyOf, type Fact, type Facts, type PayloadStyle } from '../domain/fact.js';

interface Receiver {
  readonly id: string;
  readonly payload_style: PayloadStyle;
}

/** Writes a fact and its deliveries in the caller's transaction; a fact that no endpoint wants leaves no row. */
export class SqlFacts implements Facts {
  constructor(
    private readonly sql: Sql,
    private readonly clock: Clock,
    /** Called with each fact that somebody wants, before its transaction has ended. */
    private readonly onRecorded: () => void = () => undefined,
  ) {}

  async record(fact: Fact): Promise<void> {
    const { accountId, organizationId, type, objectId } = fact;
    const receivers = await this.sql.$queryRaw<Receiver[]>`
      SELECT id, payload_style FROM invoicing.webhook_endpoint
      WHERE account_id = ${accountId} AND deleted_at IS NULL AND is_enabled
        AND (event_types IS NULL OR ${type} = ANY(event_types))
        AND organization_id IS NULL`;
    if (receivers.length === 0) return;
    this.onRecorded();
    const id = newId('evt', this.clock.nowMs());
    const now = new Date(this.clock.nowMs());
    const trace = currentTrace();
    const ids = receivers.map(() => newId('dlv', now.getTime()));
    await this.sql.$executeRaw`
      WITH turn AS (
        INSERT INTO invoicing.webhook_sequence (account_id, object_id, last)
        VALUES (${accountId}, ${objectId}, 1)
        ON CONFLICT (account_id, object_id) DO UPDATE SET last = webhook_sequence.last + 1
        RETURNING last
      ), event AS (
        INSERT INTO invoicing.webhook_event
          (id, account_id, organization_id, type, object_id, sequence, expanded_body, standard_body, created_at,
           trace)
        SELECT ${id}, ${accountId}, ${organizationId}, ${type}, ${objectId}, last,
               ${bodyOf(id, fact, 'expanded')}, ${bodyOf(id, fact, 'standard')}, ${new Date(fact.atMs)},
               ${trace === undefined ? null : JSON.stringify(trace)}::text::jsonb
        FROM turn
        RETURNING id
      )
      INSERT INTO invoicing.webhook_delivery
        (id, endpoint_id, event_id, object_id, payload_style, created_at, next_attempt_at)
      SELECT delivery.id, delivery.endpoint_id, event.id, ${objectId}, delivery.style, ${now}, ${now}
      FROM event, unnest(${ids}::text[], ${receivers.map((one) => one.id)}::text[],
                         ${receivers.map((one) => one.payload_style)}::text[]) AS delivery (id, endpoint_id, style)`;
  }
}
