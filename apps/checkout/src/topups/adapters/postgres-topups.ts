import type { PrismaClient } from '@orbit/persistence';
import { invariant } from '@orbit/kernel';
import type { CustomerStore, HostedSession, TopUpStore } from '../application/ports.js';
import type { TopUpListQuery } from '@orbit/contracts';
import type { TopUp } from '../domain/topup.js';
import { OPEN_STATES } from '../domain/topup-state.js';
import { dateOf, fromRow, toRow } from './topup.mapping.js';

export class PostgresTopUps implements TopUpStore {
  constructor(private readonly prisma: PrismaClient) {}

  async begin(topup: TopUp, nextCheckAtMs: number): Promise<TopUp> {
    const { organizationId, idempotencyKey } = topup;
    const row = {
      ...toRow(topup),
      nextCheckAt: new Date(nextCheckAtMs),
      updatedAt: new Date(topup.createdAtMs),
    };
    // ON CONFLICT DO NOTHING: of two twins one row stays, and the unique key says whose.
    await this.prisma.topUp.createMany({ data: [row], skipDuplicates: true });
    const stored = await this.prisma.topUp.findUniqueOrThrow({
      where: { organizationId_idempotencyKey: { organizationId, idempotencyKey } },
    });
    return fromRow(stored);
  }

  async read(topupId: string): Promise<TopUp | null> {
    const row = await this.prisma.topUp.findUnique({ where: { id: topupId } });
    return row === null ? null : fromRow(row);
  }

  async readByKey(organizationId: string, idempotencyKey: string): Promise<TopUp | null> {
    const row = await this.prisma.topUp.findUnique({
      where: { organizationId_idempotencyKey: { organizationId, idempotencyKey } },
    });
    return row === null ? null : fromRow(row);
  }

  async list(query: TopUpListQuery): Promise<readonly TopUp[]> {
    const rows = await this.prisma.topUp.findMany({
      where: {
        ...(query.organization_id === undefined ? {} : { organizationId: query.organization_id }),
        ...(query.state === undefined ? {} : { state: query.state }),
        // Ids sort by time.
        ...(query.after_id === undefined ? {} : { id: { lt: query.after_id } }),
      },
      orderBy: { id: 'desc' },
      take: query.limit,
    });
    return rows.map(fromRow);
  }

  async readByPayment(ids: {
    sessionId?: string;
    paymentIntentId?: string;
  }): Promise<TopUp | null> {
    const either = [
      ...(ids.sessionId === undefined ? [] : [{ sessionId: ids.sessionId }]),
      ...(ids.paymentIntentId === undefined ? [] : [{ paymentIntentId: ids.paymentIntentId }]),
    ];
    if (either.length === 0) return null;
    const row = await this.prisma.topUp.findFirst({ where: { OR: either } });
    return row === null ? null : fromRow(row);
  }

  async lock(topupId: string, nowMs: number, untilMs: number): Promise<boolean> {
    const { count } = await this.prisma.topUp.updateMany({
      where: {
        id: topupId,
        checkoutUrl: null,
        OR: [{ claimedUntil: null }, { claimedUntil: { lte: new Date(nowMs) } }],
      },
      data: { claimedUntil: new Date(untilMs) },
    });
    return count === 1;
  }

  async unlock(topupId: string, attempt: number, nowMs: number): Promise<void> {
    await this.prisma.topUp.updateMany({
      // An attempt never falls back: another request may have counted on meanwhile.
      where: { id: topupId, checkoutUrl: null, attempt: { lte: attempt } },
      data: { attempt, claimedUntil: null, updatedAt: new Date(nowMs) },
    });
  }

  async saveSession(
    topupId: string,
    session: HostedSession,
    nextCheckAtMs: number,
    nowMs: number,
  ): Promise<TopUp> {
    const data = {
      sessionId: session.id,
      checkoutUrl: session.url,
      sessionExpiresAt: dateOf(session.expiresAtMs),
      claimedUntil: null,
      nextCheckAt: new Date(nextCheckAtMs),
      updatedAt: new Date(nowMs),
    };
    // A webhook may have been quicker: then the row has this session's id and perhaps a later state.
    const isSame = { OR: [{ sessionId: null }, { sessionId: session.id }] };
    const [, , row] = await this.prisma.$transaction([
      this.prisma.topUp.updateMany({
        where: { id: topupId, checkoutUrl: null, ...isSame },
        data,
      }),
      this.prisma.topUp.updateMany({
        where: { id: topupId, state: 'created', sessionId: { not: null } },
        data: { state: 'requires_payment' },
      }),
      this.prisma.topUp.findUniqueOrThrow({ where: { id: topupId } }),
    ]);
    return fromRow(row);
  }

  async takeDue(nowMs: number, retryAtMs: number, limit: number): Promise<readonly TopUp[]> {
    const due = await this.prisma.topUp.findMany({
      where: {
        state: { in: [...OPEN_STATES] },
        nextCheckAt: { lte: new Date(nowMs) },
        // A page that was never opened waits for its caller; there is nothing to ask Stripe about.
        NOT: { kind: 'hosted', state: 'created' },
      },
      orderBy: { nextCheckAt: 'asc' },
      take: limit,
    });
    const taken: TopUp[] = [];
    for (const row of due) {
      // Compare and set: of two sweepers that read the same row, one takes it.
      const { count } = await this.prisma.topUp.updateMany({
        where: { id: row.id, nextCheckAt: row.nextCheckAt },
        data: { nextCheckAt: new Date(retryAtMs) },
      });
      if (count === 1) taken.push(fromRow(row));
    }
    return taken;
  }

  async scheduleCheck(topupId: string, nextCheckAtMs: number): Promise<void> {
    await this.prisma.topUp.updateMany({
      where: { id: topupId },
      data: { nextCheckAt: new Date(nextCheckAtMs) },
    });
  }
}

export class PostgresCustomers implements CustomerStore {
  constructor(private readonly prisma: PrismaClient) {}

  async read(organizationId: string): Promise<{ customerId: string; generation: number } | null> {
    return this.prisma.stripeCustomer.findUnique({
      where: { organizationId },
      select: { customerId: true, generation: true },
    });
  }

  async save(
    organizationId: string,
    customerId: string,
    generation: number,
    nowMs: number,
  ): Promise<{ customerId: string; generation: number }> {
    await this.prisma.stripeCustomer.createMany({
      data: [{ organizationId, customerId, generation, createdAt: new Date(nowMs) }],
      skipDuplicates: true,
    });
    await this.prisma.stripeCustomer.updateMany({
      where: { organizationId, generation: { lt: generation } },
      data: { customerId, generation },
    });
    const stored = await this.read(organizationId);
    invariant(stored !== null, 'a customer that was stored is there');
    return stored;
  }
}
