import type { OutboxEvent } from '../application/ports.js';
import type { TopUp } from '../domain/topup.js';
import { closeEvent, lockEvent } from './postgres-inbox.js';
import { outboxRow } from './postgres-outbox.js';
import { fromRow } from './topup.mapping.js';
import type { Tx } from './transaction.js';

/** The frame of transactions about a payment, be it paid or taken back: its event, its top-up, its reports. */
export abstract class PaymentTransaction {
  constructor(protected readonly tx: Tx) {}

  lockEvent(eventId: string): Promise<boolean> {
    return lockEvent(this.tx, eventId);
  }

  closeEvent(eventId: string, outcome: string, nowMs: number): Promise<void> {
    return closeEvent(this.tx, eventId, outcome, nowMs);
  }

  /** Locks the row until the end of the transaction. */
  async lockTopUp(topupId: string): Promise<TopUp | null> {
    await this.tx.$queryRaw`SELECT id FROM checkout.topup WHERE id = ${topupId} FOR UPDATE`;
    const row = await this.tx.topUp.findUnique({ where: { id: topupId } });
    return row === null ? null : fromRow(row);
  }

  async addToOutbox(event: OutboxEvent): Promise<void> {
    await this.tx.checkoutOutbox.createMany({ data: [outboxRow(event)] });
  }
}
