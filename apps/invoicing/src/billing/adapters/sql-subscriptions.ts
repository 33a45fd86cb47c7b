import { createdIn, rowsAfter, Prisma, type Sql } from '@orbit/persistence';
import { isStorableInstant } from '@orbit/kernel';
import type { Metadata, PageQuery } from '@orbit/orb-api';
import type {
  Subscription,
  SubscriptionQuery,
  SubscriptionSettings,
  SubscriptionTransaction,
} from '../application/ports.js';
import type { ReportedMoments } from '../../timeline/domain/moments.js';
import type { LicenseSpan } from '../domain/subscription.js';
import type { Timeline } from '../../timeline/domain/timeline.js';

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly customer_id: string;
  readonly position: bigint;
  readonly name: string;
  readonly metadata: Metadata;
  readonly settings: SubscriptionSettings;
  readonly timeline: Timeline;
  readonly created_at: Date;
  readonly reported: ReportedMoments | null;
}

interface LicenseRow {
  readonly id: string;
  readonly license_type_id: string;
  readonly external_license_id: string;
  readonly start_at: Date;
  readonly end_at: Date | null;
}

/** The result of a look of the billing run at a subscription. */
export interface Look {
  readonly id: string;
  readonly nextDueMs: number | null;
  readonly reported: ReportedMoments | null;
}

/** On a connection: reads. In a transaction: all of it. */
export class SqlSubscriptions implements SubscriptionTransaction {
  constructor(private readonly sql: Sql) {}

  async read(accountId: string, id: string): Promise<Subscription | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.orb_subscription WHERE id = ${id} AND account_id = ${accountId}`;
    return row ? this.whole(row) : null;
  }

  async lock(accountId: string, id: string): Promise<Subscription | null> {
    const [row] = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.orb_subscription WHERE id = ${id} AND account_id = ${accountId}
      FOR NO KEY UPDATE`;
    return row ? this.whole(row) : null;
  }

  /** In no order; unknown ones are left out. */
  async readAll(accountId: string, ids: readonly string[]): Promise<readonly Subscription[]> {
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.orb_subscription
      WHERE id = ANY(${[...ids]}::text[]) AND account_id = ${accountId}`;
    return this.wholes(rows);
  }

  /** As `readAll`; their locks are taken in the order of their ids. */
  async lockAll(accountId: string, ids: readonly string[]): Promise<readonly Subscription[]> {
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.orb_subscription
      WHERE id = ANY(${[...ids]}::text[]) AND account_id = ${accountId}
      ORDER BY id FOR NO KEY UPDATE`;
    return this.wholes(rows);
  }

  /** When the billing run looks at each next, and what of its life was reported. */
  async saveLooks(looks: readonly Look[]): Promise<void> {
    if (looks.length === 0) return;
    const rows = looks.map(({ id, nextDueMs, reported }) => ({
      ...{ id, next_due_at: dateOr(nextDueMs), reported },
    }));
    await this.sql.$executeRaw`
      UPDATE invoicing.orb_subscription s
      SET next_due_at = r.next_due_at, reported = nullif(r.reported, 'null'::jsonb)
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        AS r(id text, next_due_at timestamptz, reported jsonb)
      WHERE s.id = r.id`;
  }

  async list(query: SubscriptionQuery): Promise<readonly Subscription[]> {
    const { accountId, after, limit, created, nowMs } = query;
    const now = new Date(nowMs);
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT s.* FROM invoicing.orb_subscription s
      JOIN invoicing.customer c ON c.id = s.customer_id
      WHERE s.account_id = ${accountId}
        ${rowsAfter(after, 's')}
        ${createdIn(created, 's')}
        ${anyOf(Prisma.sql`s.customer_id`, query.customerIds)}
        ${anyOf(Prisma.sql`c.external_customer_id`, query.externalCustomerIds)}
        ${anyOf(
          Prisma.sql`CASE WHEN s.end_at <= ${now} THEN 'ended' WHEN s.start_at > ${now} THEN 'upcoming' ELSE 'active' END`,
          query.statuses,
        )}
        ${query.planId === null ? Prisma.empty : onPlan(query.planId, nowMs)}
      ORDER BY s.created_at DESC, s.position DESC LIMIT ${limit + 1}`;
    return Promise.all(rows.map((row) => this.whole(row)));
  }

  async listRedeeming(query: PageQuery, couponId: string): Promise<readonly Subscription[]> {
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT s.* FROM invoicing.orb_subscription s
      WHERE s.account_id = ${query.accountId} ${rowsAfter(query.after, 's')}
        AND EXISTS (SELECT 1 FROM invoicing.coupon_redemption r
          WHERE r.account_id = s.account_id AND r.coupon_id = ${couponId}
            AND r.subscription_id = s.id AND r.released_at IS NULL)
      ORDER BY s.created_at DESC, s.position DESC LIMIT ${query.limit + 1}`;
    return Promise.all(rows.map((row) => this.whole(row)));
  }

  async listOf(accountId: string, customerId: string): Promise<readonly Subscription[]> {
    const rows = await this.sql.$queryRaw<Row[]>`
      SELECT * FROM invoicing.orb_subscription
      WHERE account_id = ${accountId} AND customer_id = ${customerId} ORDER BY created_at, position`;
    return Promise.all(rows.map((row) => this.whole(row)));
  }

  private async whole(row: Row): Promise<Subscription> {
    const [subscription] = await this.wholes([row]);
    return subscription ?? fromRow(row);
  }

  /** With their licenses, where a price gives them anything. */
  private async wholes(rows: readonly Row[]): Promise<readonly Subscription[]> {
    const licensed = rows
      .filter(({ timeline }) =>
        timeline.prices.some(({ licenseAllocations }) => licenseAllocations),
      )
      .map(({ id }) => id);
    if (licensed.length === 0) return rows.map(fromRow);
    const licenses = await this.sql.$queryRaw<(LicenseRow & { subscription_id: string })[]>`
      SELECT subscription_id, id, license_type_id, external_license_id, start_at, end_at FROM invoicing.license
      WHERE subscription_id = ANY(${licensed}::text[]) ORDER BY created_at, position`;
    return rows.map((row) => {
      if (!licensed.includes(row.id)) return fromRow(row);
      const own = licenses.filter(({ subscription_id: of }) => of === row.id);
      return { ...fromRow(row), licenses: own.map(spanFrom) };
    });
  }

  async insert(subscription: Omit<Subscription, 'position'>): Promise<void> {
    const { timeline, settings, metadata } = subscription;
    await this.sql.$executeRaw`
      INSERT INTO invoicing.orb_subscription
        (id, account_id, customer_id, name, metadata, settings, timeline, start_at, end_at, next_due_at, created_at,
         has_threshold)
      VALUES (${subscription.id}, ${subscription.accountId}, ${subscription.customerId}, ${subscription.name},
        ${JSON.stringify(metadata)}::jsonb, ${JSON.stringify(settings)}::jsonb, ${JSON.stringify(timeline)}::jsonb,
        ${new Date(timeline.startMs)}, ${dateOr(timeline.endMs)}, NULL, ${subscription.createdAt},
        ${hasThreshold(subscription)})`;
  }

  async save(
    subscription: Omit<Subscription, 'position'>,
    nextDueMs: number | null,
  ): Promise<void> {
    const { timeline, settings, metadata } = subscription;
    await this.sql.$executeRaw`
      UPDATE invoicing.orb_subscription SET name = ${subscription.name},
        metadata = ${JSON.stringify(metadata)}::jsonb, settings = ${JSON.stringify(settings)}::jsonb,
        timeline = ${JSON.stringify(timeline)}::jsonb, start_at = ${new Date(timeline.startMs)},
        end_at = ${dateOr(timeline.endMs)}, next_due_at = ${dateOr(nextDueMs)},
        has_threshold = ${hasThreshold(subscription)},
        reported = ${subscription.reported ? JSON.stringify(subscription.reported) : null}::jsonb
      WHERE id = ${subscription.id}`;
  }

  async countOf(customerId: string): Promise<number> {
    const [row] = await this.sql.$queryRaw<{ count: bigint }[]>`
      SELECT count(*) FROM invoicing.orb_subscription WHERE customer_id = ${customerId}`;
    return Number(row?.count ?? 0);
  }
}

/** Of its own, or of one of its plans. */
const hasThreshold = ({
  settings,
  timeline,
}: Pick<Subscription, 'settings' | 'timeline'>): boolean =>
  settings.invoicing_threshold !== null ||
  timeline.plans.some((span) => (span.settings?.['invoicing_threshold'] ?? null) !== null);

const anyOf = (column: Prisma.Sql, values: readonly string[] | null): Prisma.Sql =>
  values === null ? Prisma.empty : Prisma.sql`AND ${column} = ANY(${[...values]}::text[])`;

/** Subscriptions that are on a plan now; upcoming ones will be, ended ones were. */
const onPlan = (planId: string, nowMs: number): Prisma.Sql => Prisma.sql`
  AND EXISTS (SELECT 1 FROM jsonb_array_elements(s.timeline->'plans') p
    WHERE p->>'planId' = ${planId}
      AND (p->>'startMs')::bigint <= greatest(${nowMs}::bigint, (s.timeline->>'startMs')::bigint)
      AND (p->>'endMs' IS NULL OR (p->>'endMs')::bigint > ${nowMs}::bigint
        OR p->>'endMs' = s.timeline->>'endMs'))`;

/** After the year 9999 nothing is due any more. */
const dateOr = (ms: number | null): Date | null =>
  ms === null || !isStorableInstant(ms) ? null : new Date(ms);

const spanFrom = (row: LicenseRow): LicenseSpan => ({
  ...{ id: row.id, typeId: row.license_type_id, externalId: row.external_license_id },
  startMs: row.start_at.getTime(),
  endMs: row.end_at?.getTime() ?? null,
});

const fromRow = (row: Row): Subscription => ({
  id: row.id,
  accountId: row.account_id,
  customerId: row.customer_id,
  position: row.position,
  name: row.name,
  metadata: row.metadata,
  settings: row.settings,
  timeline: row.timeline,
  createdAt: row.created_at,
  reported: row.reported,
});
