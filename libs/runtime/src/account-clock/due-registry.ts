import type { DueStep, DueWork } from '@orbit/contracts';
import { setTimeout as sleep } from 'node:timers/promises';

/** Notes how far messages were sent, and returns how to ask whether all of them have arrived. */
export type ArrivalProbe = () => Promise<() => Promise<boolean>>;

/** Looks before the clock of an account is moved, and answers what to do after that. */
export type MoveHook = (accountId: string, toMs: number) => Promise<() => Promise<void>>;

const SETTLE_POLL_MS = 25;

/** Work of a service at instants of an account, and how it knows that it is at rest. */
export class DueRegistry {
  private readonly works: DueWork[] = [];
  private readonly probes: ArrivalProbe[] = [];
  private readonly hooks: MoveHook[] = [];

  /** Works of one step run in the order of their registration. */
  register(...works: readonly DueWork[]): void {
    this.works.push(...works);
  }

  addProbes(...probes: readonly ArrivalProbe[]): void {
    this.probes.push(...probes);
  }

  movesWith(...hooks: readonly MoveHook[]): void {
    this.hooks.push(...hooks);
  }

  /** Moves the clock by `move`, and does what the hooks do around it; may be repeated. */
  async move(accountId: string, toMs: number, move: () => Promise<void>): Promise<void> {
    const after = await Promise.all(this.hooks.map((hook) => hook(accountId, toMs)));
    await move();
    for (const run of after) await run();
  }

  get steps(): readonly DueStep[] {
    return [...new Set(this.works.map(({ step }) => step))];
  }

  async nextDue(accountId: string, untilMs: number): Promise<number | null> {
    const dues = await Promise.all(this.works.map((work) => work.nextDue(accountId, untilMs)));
    const known = dues.filter((due) => due !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** Returns how many things were done. */
  async runDue(accountId: string, atMs: number, step: DueStep): Promise<number> {
    let count = 0;
    for (const work of this.works) {
      if (work.step === step) count += await work.runDue(accountId, atMs);
    }
    return count;
  }

  /** Whether everything sent so far has arrived, within this time. */
  async allArrived(timeoutMs: number): Promise<boolean> {
    const arrived = await Promise.all(this.probes.map((probe) => probe()));
    for (let waitedMs = 0; ; waitedMs += SETTLE_POLL_MS) {
      const are = await Promise.all(arrived.map((hasArrived) => hasArrived()));
      if (are.every(Boolean)) return true;
      if (waitedMs >= timeoutMs) return false;
      await sleep(SETTLE_POLL_MS);
    }
  }
}
