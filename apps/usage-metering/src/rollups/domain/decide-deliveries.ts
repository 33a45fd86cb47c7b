import { keyOf, type Delivery, type DeliveryReport, type MeteredCharge } from './charge.js';
import { deltaOfDelivery, type RollupDelta } from './rollup.js';

export interface DeliveryDecision {
  /** Reports that now count, at most one per charge. */
  readonly accepted: readonly DeliveryReport[];
  /** Their changes to the rollups. */
  readonly deltas: readonly RollupDelta[];
  /** Reports without a charge yet, at most one per charge. */
  readonly waiting: readonly DeliveryReport[];
}

/**
 * Which report wins: the later `occurred_at`; of two with the same instant, the one that came last.
 * A repeat of the report that counts already replaces it by itself, which changes no sum.
 */
export const replaces = (next: Delivery, current: Delivery | null): boolean =>
  current === null || next.atMs >= current.atMs;

/** The winner of each charge, out of reports in the order they came. */
export function latestReports(reports: readonly DeliveryReport[]): readonly DeliveryReport[] {
  const winners = new Map<string, DeliveryReport>();
  for (const report of reports) {
    const key = keyOf(report);
    if (replaces(report, winners.get(key) ?? null)) winners.set(key, report);
  }
  return [...winners.values()];
}

/** Decides reports, in the order they came, against the charges that exist. */
export function decideDeliveries(
  charges: readonly MeteredCharge[],
  reports: readonly DeliveryReport[],
): DeliveryDecision {
  const chargesByKey = new Map(charges.map((charge) => [keyOf(charge), charge]));
  const accepted: DeliveryReport[] = [];
  const deltas: RollupDelta[] = [];
  const waiting: DeliveryReport[] = [];
  for (const report of latestReports(reports)) {
    const charge = chargesByKey.get(keyOf(report));
    if (charge === undefined) {
      waiting.push(report);
    } else if (replaces(report, charge.delivery)) {
      accepted.push(report);
      deltas.push(deltaOfDelivery(charge, report));
    }
  }
  return { accepted, deltas, waiting };
}
