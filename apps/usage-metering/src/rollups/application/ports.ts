import type { Micros } from '@orbit/money';
import type { ChargeKey, DeliveryReport, MeteredCharge } from '../domain/charge.js';
import type { RollupDelta } from '../domain/rollup.js';

/** Where charges, waiting reports and rollups are kept. */
export interface MeteringStore {
  /**
   * All effects of `work` or none. Work on the same organization waits for its turn, whichever topic it
   * comes from: otherwise a charge and its report, handled at once, could each miss the other.
   * Errors: the database's own (retryable by the caller: every effect is idempotent).
   */
  inTransaction<T>(
    organizationIds: readonly string[],
    work: (tx: MeteringTransaction) => Promise<T>,
  ): Promise<T>;
  /** Sums per channel over days [firstDay, lastDay], both YYYY-MM-DD in UTC. */
  readUsage(query: UsageQuery): Promise<readonly ChannelTotals[]>;
}

/** Every method is one SQL statement, whatever the number of rows. */
export interface MeteringTransaction {
  /** Returns only the charges that were not there before; the first values of a charge id stay for ever. */
  insertCharges(charges: readonly MeteredCharge[]): Promise<readonly MeteredCharge[]>;
  readCharges(keys: readonly ChargeKey[]): Promise<readonly MeteredCharge[]>;
  /** Removes the reports that waited for these charges and returns them. */
  takeWaitingReports(keys: readonly ChargeKey[]): Promise<readonly DeliveryReport[]>;
  /** Keeps reports for charges to come; one per charge, by the rule of `replaces`. */
  keepWaitingReports(reports: readonly DeliveryReport[]): Promise<void>;
  saveDeliveries(reports: readonly DeliveryReport[]): Promise<void>;
  /** Adds new charges; opens rows that are not there yet. At most one delta per row. */
  addToRollups(deltas: readonly RollupDelta[]): Promise<void>;
  /** Changes deliveries in rows that must be there, because their charge is. At most one delta per row. */
  changeRollups(deltas: readonly RollupDelta[]): Promise<void>;
}

export interface UsageQuery {
  readonly organizationId: string;
  readonly currency: string;
  readonly firstDay: string;
  readonly lastDay: string;
}

export interface ChannelTotals {
  readonly channel: string;
  readonly messages: bigint;
  readonly delivered: bigint;
  readonly failed: bigint;
  readonly costMicros: Micros;
}
