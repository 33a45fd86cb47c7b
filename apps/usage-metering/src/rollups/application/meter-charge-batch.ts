import type { MeteredCharge } from '../domain/charge.js';
import { decideDeliveries } from '../domain/decide-deliveries.js';
import { deltaOfCharge, sumDeltas } from '../domain/rollup.js';
import type { MeteringStore } from './ports.js';

/** Meters posted charges: each counts once, however often it is delivered. */
export class MeterChargeBatch {
  constructor(private readonly store: MeteringStore) {}

  /** All of the batch or none of it; at most six statements, whatever its size. */
  async run(charges: readonly MeteredCharge[]): Promise<void> {
    if (charges.length === 0) return;
    const organizationIds = charges.map((charge) => charge.organizationId);
    await this.store.inTransaction(organizationIds, async (tx) => {
      const fresh = await tx.insertCharges(charges);
      if (fresh.length === 0) return;
      const reports = await tx.takeWaitingReports(fresh);
      const { accepted, deltas } = decideDeliveries(fresh, reports);
      if (accepted.length > 0) await tx.saveDeliveries(accepted);
      await tx.addToRollups(sumDeltas([...fresh.map(deltaOfCharge), ...deltas]));
    });
  }
}
