import { invariant } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import type { PlanStore, StoredPlanPage } from '../application/plan-ports.js';

export class PostgresPlans implements PlanStore {
  constructor(private readonly prisma: PrismaClient) {}

  async readStripePrice(priceId: string): Promise<string | null> {
    const row = await this.prisma.stripePrice.findUnique({ where: { priceId } });
    return row?.stripePriceId ?? null;
  }

  async readPriceOf(stripePriceId: string): Promise<string | null> {
    const row = await this.prisma.stripePrice.findUnique({ where: { stripePriceId } });
    return row?.priceId ?? null;
  }

  async savePrice(priceId: string, stripePriceId: string, nowMs: number): Promise<void> {
    await this.prisma.stripePrice.createMany({
      data: [{ priceId, stripePriceId, createdAt: new Date(nowMs) }],
      skipDuplicates: true,
    });
  }

  async readPage(organizationId: string, idempotencyKey: string): Promise<StoredPlanPage | null> {
    const where = { organizationId_idempotencyKey: { organizationId, idempotencyKey } };
    const row = await this.prisma.planCheckout.findUnique({ where });
    return row === null ? null : { bodyHash: row.bodyHash, url: row.checkoutUrl };
  }

  async savePage(
    organizationId: string,
    idempotencyKey: string,
    page: StoredPlanPage,
    nowMs: number,
  ): Promise<StoredPlanPage> {
    const { bodyHash, url: checkoutUrl } = page;
    const createdAt = new Date(nowMs);
    await this.prisma.planCheckout.createMany({
      data: [{ organizationId, idempotencyKey, bodyHash, checkoutUrl, createdAt }],
      skipDuplicates: true,
    });
    const stored = await this.readPage(organizationId, idempotencyKey);
    invariant(stored !== null, 'a page that was saved is there');
    return stored;
  }

  async nextVersion(): Promise<bigint> {
    const [row] = await this.prisma.$queryRaw<{ version: bigint }[]>`
      SELECT nextval('checkout.subscription_version') AS version`;
    invariant(row !== undefined, 'a sequence has a next value');
    return row.version;
  }
}
