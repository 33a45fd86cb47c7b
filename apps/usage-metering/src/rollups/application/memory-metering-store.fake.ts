import { addMicros } from '@orbit/money';
import { keyOf, type DeliveryReport, type MeteredCharge } from '../domain/charge.js';
import { replaces } from '../domain/decide-deliveries.js';
import { utcDay, type RollupDelta } from '../domain/rollup.js';
import type { ChannelTotals, MeteringStore, MeteringTransaction, UsageQuery } from './ports.js';

/** The port in memory, for pure tests. It keeps the promises of ports.ts and nothing more. */
export class MemoryMeteringStore implements MeteringStore, MeteringTransaction {
  readonly charges = new Map<string, MeteredCharge>();
  readonly waiting = new Map<string, DeliveryReport>();
  readonly rollups = new Map<string, RollupDelta>();

  inTransaction<T>(_ids: readonly string[], work: (tx: MeteringTransaction) => Promise<T>) {
    return work(this);
  }

  insertCharges(charges: readonly MeteredCharge[]): Promise<readonly MeteredCharge[]> {
    const fresh: MeteredCharge[] = [];
    for (const charge of charges) {
      if (this.charges.has(keyOf(charge))) continue;
      this.charges.set(keyOf(charge), charge);
      fresh.push(charge);
    }
    return Promise.resolve(fresh);
  }

  readCharges(keys: readonly MeteredCharge[]): Promise<readonly MeteredCharge[]> {
    return Promise.resolve(keys.flatMap((key) => this.charges.get(keyOf(key)) ?? []));
  }

  takeWaitingReports(keys: readonly MeteredCharge[]): Promise<readonly DeliveryReport[]> {
    const taken = keys.flatMap((key) => this.waiting.get(keyOf(key)) ?? []);
    for (const report of taken) this.waiting.delete(keyOf(report));
    return Promise.resolve(taken);
  }

  keepWaitingReports(reports: readonly DeliveryReport[]): Promise<void> {
    for (const report of reports) {
      if (replaces(report, this.waiting.get(keyOf(report)) ?? null))
        this.waiting.set(keyOf(report), report);
    }
    return Promise.resolve();
  }

  saveDeliveries(reports: readonly DeliveryReport[]): Promise<void> {
    for (const report of reports) {
      const charge = this.charges.get(keyOf(report));
      if (charge === undefined) throw new Error(`no charge ${report.chargeId}`);
      this.charges.set(keyOf(report), { ...charge, delivery: report });
    }
    return Promise.resolve();
  }

  addToRollups(deltas: readonly RollupDelta[]): Promise<void> {
    for (const delta of deltas) {
      const row = `${delta.organizationId} ${delta.currency} ${delta.day} ${delta.channel}`;
      const sum = this.rollups.get(row);
      this.rollups.set(row, {
        ...delta,
        messages: (sum?.messages ?? 0n) + delta.messages,
        delivered: (sum?.delivered ?? 0n) + delta.delivered,
        failed: (sum?.failed ?? 0n) + delta.failed,
        costMicros: sum ? addMicros(sum.costMicros, delta.costMicros) : delta.costMicros,
      });
    }
    return Promise.resolve();
  }

  changeRollups(deltas: readonly RollupDelta[]): Promise<void> {
    return this.addToRollups(deltas);
  }

  readUsage(query: UsageQuery): Promise<readonly ChannelTotals[]> {
    const rows = [...this.rollups.values()].filter(
      (row) =>
        row.organizationId === query.organizationId &&
        row.currency === query.currency &&
        row.day >= query.firstDay &&
        row.day <= query.lastDay,
    );
    return Promise.resolve(rows);
  }

  /** The rollups as the charges and their deliveries say they must be. */
  rollupsFromCharges(): Map<string, Pick<RollupDelta, 'messages' | 'delivered' | 'failed'>> {
    const rows = new Map<string, { messages: bigint; delivered: bigint; failed: bigint }>();
    for (const charge of this.charges.values()) {
      const day = utcDay(charge.occurredAtMs);
      const key = `${charge.organizationId} ${charge.currency} ${day} ${charge.channel}`;
      const row = rows.get(key) ?? { messages: 0n, delivered: 0n, failed: 0n };
      row.messages += charge.quantity;
      if (charge.delivery) row[charge.delivery.status] += charge.quantity;
      rows.set(key, row);
    }
    return rows;
  }
}
