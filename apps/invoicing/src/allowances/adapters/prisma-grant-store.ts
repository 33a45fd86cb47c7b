import type { AllowanceUnit } from '@orbit/allowances';
import type { PrismaClient } from '@orbit/persistence';
import type { DueGrant, GrantStore } from '../application/ports.js';

export class PrismaGrantStore implements GrantStore {
  constructor(private readonly prisma: PrismaClient) {}

  async readDueGrants(limit: number): Promise<readonly DueGrant[]> {
    const rows = await this.prisma.allowance.findMany({
      where: { grantedAt: null },
      orderBy: { effectiveAt: 'asc' },
      take: limit,
    });
    return rows.map((row) => ({
      subscriptionId: row.subscriptionId,
      organizationId: row.organizationId,
      planId: row.planId,
      unit: row.unit as AllowanceUnit,
      quantity: Number(row.quantity),
      effectiveAtMs: row.effectiveAt.getTime(),
      periodEndMs: row.periodEnd.getTime(),
    }));
  }

  async closeGrant(grant: DueGrant, nowMs: number): Promise<void> {
    const { subscriptionId, unit, planId } = grant;
    await this.prisma.allowance.updateMany({
      where: { subscriptionId, unit, planId, periodEnd: new Date(grant.periodEndMs) },
      data: { grantedAt: new Date(nowMs) },
    });
  }
}
