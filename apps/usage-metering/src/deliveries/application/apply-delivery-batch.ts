import type { DeliveryReport } from '../../rollups/domain/charge.js';
import { decideDeliveries } from '../../rollups/domain/decide-deliveries.js';
import { sumDeltas } from '../../rollups/domain/rollup.js';
import type { MeteringStore } from '../../rollups/application/ports.js';

/** Applies delivery reports to metered charges; a report that came too early waits for its charge. */
export class ApplyDeliveryBatch {
  constructor(private readonly store: MeteringStore) {}

  /** All of the batch or none of it; at most five statements, whatever its size. */
  async run(reports: readonly DeliveryReport[]): Promise<void> {
    if (reports.length === 0) return;
    const organizationIds = reports.map((report) => report.organizationId);
    await this.store.inTransaction(organizationIds, async (tx) => {
      const charges = await tx.readCharges(reports);
      const { accepted, deltas, waiting } = decideDeliveries(charges, reports);
      if (waiting.length > 0) await tx.keepWaitingReports(waiting);
      if (accepted.length === 0) return;
      await tx.saveDeliveries(accepted);
      await tx.changeRollups(sumDeltas(deltas));
    });
  }
}
