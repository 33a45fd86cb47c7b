import type { TaskKind } from './ports.js';
import { settleRefund } from './refunds.js';
import { settlePayment } from './settle-payment.js';
import type { Work } from './work.js';

type TaskRun = (work: Work, objectId: string) => Promise<void>;

const RUNS: Partial<Record<TaskKind, TaskRun>> = {
  settle_payment: (work, objectId) => settlePayment(work, objectId, null),
  settle_refund: async (work, objectId) => void (await settleRefund(work, objectId, null)),
};

/**
 * Runs the oldest task that is due by this clock, inside the caller's transaction, at the time it was due.
 * Answers whether there was one.
 */
export async function runDueTask(work: Work, clock: TaskClock): Promise<boolean> {
  const task = await work.tx.takeTask(clock.id, clock.nowMs);
  if (task === null) return false;
  if (clock.id !== null) work.travelTo(clock.id, task.dueAtMs);
  await RUNS[task.kind]?.(work, task.objectId);
  return true;
}

export interface TaskClock {
  /** Null: the wall clock. */
  readonly id: string | null;
  readonly nowMs: number;
}
