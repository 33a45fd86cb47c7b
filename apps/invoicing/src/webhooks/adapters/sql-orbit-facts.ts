import type { PrismaClient } from '@orbit/persistence';
import type { ForwardedEvent, OrbitFacts, OrbitReceiver } from '../application/orbit-ports.js';

/** Deliveries of the Orbit API's events. */
export class SqlOrbitFacts implements OrbitFacts {
  constructor(
    private readonly prisma: PrismaClient,
    /** There is something to send. */
    private readonly onRecorded: () => void,
  ) {}

  receivers(organizationIds: readonly string[]): Promise<readonly OrbitReceiver[]> {
    return this.prisma.$queryRaw<OrbitReceiver[]>`
      SELECT id AS "endpointId", account_id AS "accountId", organization_id AS "organizationId",
             event_types AS "eventTypes", created_at AS "createdAt"
      FROM invoicing.webhook_endpoint
      WHERE organization_id = ANY(${[...organizationIds]}::text[]) AND deleted_at IS NULL AND is_enabled`;
  }

  async record(events: readonly ForwardedEvent[], now: Date): Promise<void> {
    const rows = events.map(({ deliveries: _deliveries, at, ...event }) => ({
      ...event,
      at: at.toISOString(),
    }));
    const deliveries = events.flatMap(({ id, deliveries: of }) =>
      of.map((one) => ({ ...one, eventId: id })),
    );
    // The statement numbers the events of each object in the order in which the topic brought them.
    await this.prisma.$executeRaw`
      WITH given AS (
        SELECT g.*, row_number() OVER () AS place FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
          AS g (id text, "sourceId" text, "accountId" text, "organizationId" text, type text, "objectId" text,
                body text, at timestamptz, trace jsonb)
      ), fresh AS (
        SELECT * FROM given g
        WHERE NOT EXISTS (SELECT 1 FROM invoicing.webhook_event e WHERE e.source_id = g."sourceId")
      ), turn AS (
        INSERT INTO invoicing.webhook_sequence (account_id, object_id, last)
        SELECT "accountId", "objectId", count(*) FROM fresh GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (account_id, object_id) DO UPDATE SET last = webhook_sequence.last + excluded.last
        RETURNING account_id, object_id, last
      ), event AS (
        INSERT INTO invoicing.webhook_event
          (id, account_id, organization_id, type, object_id, sequence, expanded_body, standard_body, created_at,
           trace, source_id)
        SELECT f.id, f."accountId", f."organizationId", f.type, f."objectId",
               turn.last + 1 - row_number() OVER (PARTITION BY f."accountId", f."objectId" ORDER BY f.place DESC),
               f.body, f.body, f.at, f.trace, f."sourceId"
        FROM fresh f JOIN turn ON turn.account_id = f."accountId" AND turn.object_id = f."objectId"
        ON CONFLICT (source_id) WHERE source_id IS NOT NULL DO NOTHING
        RETURNING id, object_id
      )
      INSERT INTO invoicing.webhook_delivery
        (id, endpoint_id, event_id, object_id, payload_style, created_at, next_attempt_at)
      SELECT d.id, d."endpointId", d."eventId", event.object_id, 'expanded', ${now}, ${now}
      FROM jsonb_to_recordset(${JSON.stringify(deliveries)}::text::jsonb)
        AS d (id text, "endpointId" text, "eventId" text)
      JOIN event ON event.id = d."eventId"
      JOIN given ON given.id = event.id
      ORDER BY given.place`;
    this.onRecorded();
  }
}
