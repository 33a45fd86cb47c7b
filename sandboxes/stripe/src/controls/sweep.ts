import type { Clock } from '@orbit/kernel';
import { lockSession } from '../checkout/checkout-session.js';
import type { SandboxStore } from '../world/ports.js';
import type { Sandbox } from '../world/sandbox.js';
import { putOffDueTask, runDueTask, type TaskClock } from '../world/tasks.js';

const SESSIONS_PER_SWEEP_MAX = 50;
const TASKS_PER_SWEEP_MAX = 200;
const TASK_RETRY_MS = 60_000;
/** Stripe drops idempotency keys after a day. */
const KEY_LIFE_MS = 24 * 3_600_000;

/**
 * Does the work of time: ends sessions whose time is over, runs tasks planned by the wall clock, removes old
 * idempotency keys. Safe to run at any moment.
 */
export class Sweep {
  constructor(
    private readonly sandbox: Sandbox,
    private readonly store: SandboxStore,
    private readonly clock: Clock,
  ) {}

  async run(): Promise<void> {
    const nowMs = this.clock.nowMs();
    const ids = await this.store.transaction((tx) =>
      tx.findOverdueSessions(Math.floor(nowMs / 1_000), SESSIONS_PER_SWEEP_MAX),
    );
    // One transaction each: a session that is being paid holds up only itself.
    for (const id of ids) await this.sandbox.run((work) => lockSession(work, id));
    const wall = { id: null, nowMs };
    for (let count = 0; count < TASKS_PER_SWEEP_MAX; count++) {
      if (!(await this.runTask(wall))) break;
    }
    await this.store.deleteKeysBefore(nowMs - KEY_LIFE_MS);
  }

  /** A task that fails is put off, so that it keeps none of the others waiting; the caller gets the error. */
  private async runTask(wall: TaskClock): Promise<boolean> {
    try {
      return await this.sandbox.run((work) => runDueTask(work, wall));
    } catch (error) {
      await this.sandbox.run((work) => putOffDueTask(work, wall, TASK_RETRY_MS));
      throw error;
    }
  }
}
