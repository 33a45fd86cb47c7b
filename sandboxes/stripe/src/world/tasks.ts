import { arrive, CLOCK_TASKS_MAX } from '../controls/clocks.js';
import { retryInvoice } from '../billing/collect.js';
import type { TaskKind } from './ports.js';
import { finishRefund } from '../refunds-disputes/refunds.js';
import { finalizeDraft, renewSubscription } from '../billing/renew.js';
import { endPayment } from '../payments/end-payment.js';
import type { Work } from './work.js';

type TaskRun = (work: Work, objectId: string) => Promise<void>;

const RUNS: Readonly<Record<TaskKind, TaskRun>> = {
  settle_payment: (work, id) => endPayment(work, id, null),
  settle_refund: async (work, id) => void (await finishRefund(work, id, null)),
  finalize_invoice: finalizeDraft,
  retry_invoice: retryInvoice,
  renew_subscription: renewSubscription,
  advance_clock: advance,
};

export interface TaskClock {
  /** Null: the wall clock. */
  readonly id: string | null;
  readonly nowMs: number;
}

/**
 * Runs the oldest task that is due by this clock, inside the caller's transaction, at the time it was due.
 * Returns whether there was one.
 */
export async function runDueTask(work: Work, clock: TaskClock): Promise<boolean> {
  const task = await work.tx.takeTask(clock.id, clock.nowMs);
  if (task === null) return false;
  if (clock.id !== null) work.travelTo(clock.id, task.dueAtMs);
  await RUNS[task.kind](work, task.objectId);
  return true;
}

/** Leaves the oldest due task for later. */
export async function putOffDueTask(work: Work, clock: TaskClock, delayMs: number): Promise<void> {
  const task = await work.tx.takeTask(clock.id, clock.nowMs);
  if (task !== null) await work.tx.planTask({ ...task, dueAtMs: clock.nowMs + delayMs });
}

/** Runs what a test clock meets on its way, in its order; a long way takes several turns. */
async function advance(work: Work, id: string): Promise<void> {
  const { secret } = await work.lock('test_helpers.test_clock', id);
  const clock = { id, nowMs: (secret.targetTime ?? 0) * 1_000 };
  for (let count = 0; count < CLOCK_TASKS_MAX; count++) {
    if (!(await runDueTask(work, clock))) return arrive(work, id);
  }
  await work.planByWall('advance_clock', id, 0);
}
