import type { ChannelQuantity, Granularity, UsageBucket } from '@orbit/contracts';
import type { PrismaClient } from '@orbit/persistence';
import type { Period, UsagePeriods } from '../application/read-usage-period.js';

const DAY_MS = 86_400_000;

interface BucketRow {
  readonly bucket: string;
  readonly channel: string;
  readonly quantity: bigint;
}

/** Whole days come from the sums; of a day that is cut by the period its single charges are read. */
export class PrismaUsagePeriods implements UsagePeriods {
  constructor(private readonly prisma: PrismaClient) {}

  async total(period: Period): Promise<readonly ChannelQuantity[]> {
    const rows = await this.read(period, '');
    return rows.map(({ channel, quantity }) => ({ channel, quantity: Number(quantity) }));
  }

  async history(period: Period, granularity: Granularity): Promise<readonly UsageBucket[]> {
    const rows = await this.read(period, granularity === 'day' ? 'YYYY-MM-DD' : 'YYYY-MM');
    return rows.map((row) => ({ ...row, quantity: Number(row.quantity) }));
  }

  private read({ organizationId, fromMs, toMs }: Period, format: string): Promise<BucketRow[]> {
    const firstMs = Math.min(Math.ceil(fromMs / DAY_MS) * DAY_MS, toMs);
    const lastMs = Math.max(Math.floor(toMs / DAY_MS) * DAY_MS, firstMs);
    const [from, first, last, to] = [fromMs, firstMs, lastMs, toMs].map((ms) =>
      new Date(ms).toISOString(),
    );
    return this.prisma.$queryRaw<BucketRow[]>`
      SELECT to_char(day, ${format}::text) AS bucket, channel, sum(quantity)::bigint AS quantity FROM (
        SELECT day, channel, messages AS quantity FROM usage_metering.usage_rollup
        WHERE organization_id = ${organizationId} AND ${first}::text::timestamptz < ${last}::text::timestamptz
          AND day >= (${first}::text::timestamptz AT TIME ZONE 'UTC')::date
          AND day < (${last}::text::timestamptz AT TIME ZONE 'UTC')::date
        UNION ALL
        SELECT (occurred_at AT TIME ZONE 'UTC')::date, channel, quantity FROM usage_metering.metered_charge
        WHERE organization_id = ${organizationId} AND (
          (occurred_at >= ${from}::text::timestamptz AND occurred_at < ${first}::text::timestamptz)
          OR (occurred_at >= ${last}::text::timestamptz AND occurred_at < ${to}::text::timestamptz))
      ) AS parts (day, channel, quantity)
      GROUP BY 1, 2 ORDER BY 1, 2`;
  }
}
