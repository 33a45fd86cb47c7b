import { newId, type Clock } from '@orbit/kernel';
import type { Sql } from '@orbit/persistence';
import { currentTrace } from '@orbit/runtime';
import { bodyOf, type Fact, type FactsOfMany, type PayloadStyle } from '../domain/fact.js';

interface Receiver {
  readonly id: string;
  readonly payload_style: PayloadStyle;
  /** Null: all of them. */
  readonly event_types: readonly string[] | null;
}

/** Writes facts and their deliveries in the caller's transaction; a fact that no endpoint wants leaves no row. */
export class SqlFacts implements FactsOfMany {
  constructor(
    private readonly sql: Sql,
    private readonly clock: Clock,
    /** Called with each fact that somebody wants, before its transaction has ended. */
    private readonly onRecorded: () => void = () => undefined,
  ) {}

  record(fact: Fact): Promise<void> {
    return this.recordAll([fact]);
  }

  async recordAll(facts: readonly Fact[]): Promise<void> {
    for (const accountId of new Set(facts.map((fact) => fact.accountId))) {
      await this.recordOf(
        accountId,
        facts.filter((fact) => fact.accountId === accountId),
      );
    }
  }

  private async recordOf(accountId: string, facts: readonly Fact[]): Promise<void> {
    const types = [...new Set(facts.map(({ type }) => type))];
    const receivers = await this.sql.$queryRaw<Receiver[]>`
      SELECT id, payload_style, event_types FROM invoicing.webhook_endpoint
      WHERE account_id = ${accountId} AND deleted_at IS NULL AND is_enabled
        AND (event_types IS NULL OR event_types && ${types}::text[])
        AND organization_id IS NULL`;
    const nowMs = this.clock.nowMs();
    const wanted = facts
      .map((fact) => ({ fact, id: newId('evt', nowMs), by: wantedBy(fact, receivers) }))
      .filter(({ by }) => by.length > 0);
    if (wanted.length === 0) return;
    this.onRecorded();
    const events = wanted.map(({ fact, id }, place) => ({
      ...{ id, organization_id: fact.organizationId, type: fact.type, object_id: fact.objectId },
      expanded_body: bodyOf(id, fact, 'expanded'),
      standard_body: bodyOf(id, fact, 'standard'),
      ...{ created_at: new Date(fact.atMs).toISOString(), place },
    }));
    const deliveries = wanted.flatMap(({ id: event_id, by }) =>
      by.map((one) => ({
        ...{ id: newId('dlv', nowMs), event_id, endpoint_id: one.id, style: one.payload_style },
      })),
    );
    const now = new Date(nowMs);
    const trace = currentTrace();
    // The statement numbers the events of each object in their order.
    await this.sql.$executeRaw`
      WITH given AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(events)}::text::jsonb)
          AS g (id text, organization_id text, type text, object_id text, expanded_body text, standard_body text,
                created_at timestamptz, place integer)
      ), turn AS (
        INSERT INTO invoicing.webhook_sequence (account_id, object_id, last)
        SELECT ${accountId}, object_id, count(*) FROM given GROUP BY object_id ORDER BY object_id
        ON CONFLICT (account_id, object_id) DO UPDATE SET last = webhook_sequence.last + excluded.last
        RETURNING object_id, last
      ), event AS (
        INSERT INTO invoicing.webhook_event
          (id, account_id, organization_id, type, object_id, sequence, expanded_body, standard_body, created_at,
           trace)
        SELECT g.id, ${accountId}, g.organization_id, g.type, g.object_id,
               turn.last + 1 - row_number() OVER (PARTITION BY g.object_id ORDER BY g.place DESC),
               g.expanded_body, g.standard_body, g.created_at,
               ${trace === undefined ? null : JSON.stringify(trace)}::text::jsonb
        FROM given g JOIN turn USING (object_id)
        RETURNING id, object_id
      )
      INSERT INTO invoicing.webhook_delivery
        (id, endpoint_id, event_id, object_id, payload_style, created_at, next_attempt_at)
      SELECT d.id, d.endpoint_id, event.id, event.object_id, d.style, ${now}, ${now}
      FROM jsonb_to_recordset(${JSON.stringify(deliveries)}::text::jsonb)
        AS d (id text, endpoint_id text, event_id text, style text)
      JOIN event ON event.id = d.event_id JOIN given ON given.id = event.id
      ORDER BY given.place`;
  }
}

const wantedBy = ({ type }: Fact, receivers: readonly Receiver[]): readonly Receiver[] =>
  receivers.filter(({ event_types: types }) => types === null || types.includes(type));
