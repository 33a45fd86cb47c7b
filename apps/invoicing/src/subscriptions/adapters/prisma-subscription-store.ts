import type { PlanState } from '@orbit/contracts';
import type { SubscriptionChanged, SubscriptionInvoiced } from '@orbit/events';
import type { PrismaClient } from '@orbit/persistence';
import type { SubscriptionStore } from '../application/subscription-ports.js';
import { statusOf, type PeriodAllowance } from '../../catalogue/domain/plan.js';

/** The fields of PlanState, as the database has them. */
interface StoredState extends Omit<PlanState, 'current_period_start' | 'current_period_end'> {
  readonly current_period_start: Date;
  readonly current_period_end: Date;
}

export class PrismaSubscriptionStore implements SubscriptionStore {
  constructor(private readonly prisma: PrismaClient) {}

  async saveSubscription(event: SubscriptionChanged, nowMs: number): Promise<void> {
    const status = statusOf(event.status);
    const method = event.payment_method === null ? null : JSON.stringify(event.payment_method);
    await this.prisma.$executeRaw`
      INSERT INTO invoicing.subscription AS s
        (id, organization_id, plan_id, price_id, pending_plan_id, status, provider_status, start_date, end_date,
         current_period_start, current_period_end, cancel_at_period_end, payment_method, version, updated_at)
      VALUES (${event.subscription_id}, ${event.organization_id}, ${event.plan_id}, ${event.price_id},
        ${event.pending_plan_id}, ${status}, ${event.status}, ${event.start_date}::text::timestamptz,
        ${event.ended_at}::text::timestamptz, ${event.current_period_start}::text::timestamptz,
        ${event.current_period_end}::text::timestamptz, ${event.cancel_at_period_end}, ${method}::text::jsonb,
        ${event.version}::text::bigint, ${new Date(nowMs).toISOString()}::text::timestamptz)
      ON CONFLICT (id) DO UPDATE SET
        plan_id = excluded.plan_id, price_id = excluded.price_id, pending_plan_id = excluded.pending_plan_id,
        status = excluded.status, provider_status = excluded.provider_status, end_date = excluded.end_date,
        current_period_start = excluded.current_period_start, current_period_end = excluded.current_period_end,
        cancel_at_period_end = excluded.cancel_at_period_end, payment_method = excluded.payment_method,
        version = excluded.version, updated_at = excluded.updated_at
      WHERE excluded.version > s.version AND s.organization_id = excluded.organization_id`;
  }

  async saveInvoice(
    event: SubscriptionInvoiced,
    allow: (had: Readonly<Record<string, number>>) => readonly PeriodAllowance[],
  ): Promise<void> {
    const { subscription_id: subscriptionId, organization_id: organizationId } = event;
    const periodEnd = new Date(event.period_end);
    await this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT count(pg_advisory_xact_lock(hashtextextended(${subscriptionId}, 13)))`;
      const savedCount = await tx.$executeRaw`
        INSERT INTO invoicing.subscription_invoice AS i
          (id, stripe_invoice_id, subscription_id, organization_id, plan_id, number, amount_minor, currency, status,
           period_start, period_end, pdf_url, created_at, version)
        VALUES (${invoiceIdOf(event)}, ${event.invoice_id}, ${subscriptionId}, ${organizationId}, ${event.plan_id},
          ${event.number}, ${String(event.amount_minor)}::text::bigint, ${event.currency}, ${event.status},
          ${event.period_start}::text::timestamptz, ${event.period_end}::text::timestamptz, ${event.pdf_url},
          ${event.created_at}::text::timestamptz, ${event.version}::text::bigint)
        ON CONFLICT (id) DO UPDATE SET
          number = excluded.number, amount_minor = excluded.amount_minor, status = excluded.status,
          period_start = excluded.period_start, period_end = excluded.period_end, pdf_url = excluded.pdf_url,
          version = excluded.version
        WHERE excluded.version > i.version`;
      // An event that is out of date, or that came before, grants nothing.
      if (savedCount === 0 || event.status !== 'paid') return;
      const had = await tx.allowance.findMany({ where: { subscriptionId, periodEnd } });
      // The same plan in the same period: this invoice, or another one of it, came before.
      if (had.some(({ planId }) => planId === event.plan_id)) return;
      const sums: Record<string, number> = {};
      for (const { unit, quantity } of had) sums[unit] = (sums[unit] ?? 0) + Number(quantity);
      await tx.allowance.createMany({
        data: allow(sums).map(({ unit, quantity }) => ({
          ...{ subscriptionId, periodEnd, organizationId, unit },
          planId: event.plan_id,
          quantity: BigInt(quantity),
          effectiveAt: new Date(event.period_start),
        })),
      });
    });
  }

  async read(organizationId: string): Promise<PlanState | null> {
    const [found] = await this.prisma.$queryRaw<StoredState[]>`
      SELECT s.id AS subscription_id, s.plan_id, s.price_id, s.provider_status AS status, s.current_period_start,
        s.current_period_end, s.cancel_at_period_end, s.pending_plan_id, s.payment_method
      FROM invoicing.subscription s
      WHERE s.organization_id = ${organizationId} AND s.status = 'active'
        AND EXISTS (
          SELECT 1 FROM invoicing.subscription_invoice i
          WHERE i.organization_id = s.organization_id AND i.subscription_id = s.id AND i.status = 'paid'
        )
        AND COALESCE((
          SELECT bool_or(period.is_granted) FROM (
            SELECT bool_and(a.granted_at IS NOT NULL) AS is_granted
            FROM invoicing.allowance a WHERE a.subscription_id = s.id GROUP BY a.period_end, a.plan_id
          ) period
        ), true)
      ORDER BY s.start_date DESC, s.id DESC LIMIT 1`;
    if (found === undefined) return null;
    return {
      ...found,
      current_period_start: found.current_period_start.toISOString(),
      current_period_end: found.current_period_end.toISOString(),
    };
  }
}

/** Follows from Stripe's, so that two readers make one. */
const invoiceIdOf = ({ invoice_id: id }: SubscriptionInvoiced): string =>
  `inv_${id.replace(/^in_/, '')}`;
