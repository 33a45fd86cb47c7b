import type { PrismaClient } from '@orbit/persistence';
import type {
  Resolution,
  SettlementStore,
  SettlementTransaction,
  TopUpChange,
} from '../application/ports.js';
import type { AutoReloadPolicy } from '../domain/reload-policy.js';
import { PaymentTransaction } from './payment-transaction.js';
import { lockPolicy, savePolicy } from './reload-policy-rows.js';
import { dateOf } from './topup.mapping.js';

export class PostgresSettlements implements SettlementStore {
  constructor(private readonly prisma: PrismaClient) {}

  async inTransaction<T>(work: (tx: SettlementTransaction) => Promise<T>): Promise<T> {
    return this.prisma.$transaction((tx) => work(new PostgresSettlement(tx)));
  }
}

class PostgresSettlement extends PaymentTransaction implements SettlementTransaction {
  async changeTopUp(topupId: string, change: TopUpChange, nowMs: number): Promise<void> {
    const { sessionId, sessionExpiresAtMs, paymentIntentId, card, receiptEmail } = change;
    const { received, paidAtMs } = change;
    await this.tx.topUp.updateMany({
      where: { id: topupId },
      data: {
        state: change.state,
        reason: change.reason,
        ...(sessionId === null ? {} : { sessionId }),
        ...(sessionExpiresAtMs === null ? {} : { sessionExpiresAt: dateOf(sessionExpiresAtMs) }),
        ...(paymentIntentId === null ? {} : { paymentIntentId }),
        ...(card === null ? {} : { cardBrand: card.brand, cardLast4: card.last4 }),
        ...(receiptEmail === null ? {} : { receiptEmail }),
        actionUrl: change.actionUrl,
        ...(received === null
          ? {}
          : { receivedMinor: received.minor, receivedCurrency: received.currency }),
        ...(paidAtMs === null ? {} : { paidAt: new Date(paidAtMs) }),
        updatedAt: new Date(nowMs),
      },
    });
  }

  async resolveTopUp(topupId: string, resolution: Resolution, nowMs: number): Promise<void> {
    const now = new Date(nowMs);
    const { state, action, reason } = resolution;
    await this.tx.topUp.updateMany({
      where: { id: topupId, state: 'parked' },
      data: {
        state,
        ...(state === 'succeeded' ? { paidAt: now } : {}),
        resolution: action,
        resolutionReason: reason,
        resolvedAt: now,
        updatedAt: now,
      },
    });
  }

  async lockPolicy(organizationId: string): Promise<AutoReloadPolicy | null> {
    return lockPolicy(this.tx, organizationId);
  }

  async savePolicy(policy: AutoReloadPolicy, nowMs: number): Promise<void> {
    await savePolicy(this.tx, policy, nowMs);
  }
}
