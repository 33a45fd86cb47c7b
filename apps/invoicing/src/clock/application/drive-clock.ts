import { DUE_STEPS, OrbitError, type DueStep } from '@orbit/contracts';
import { invariant, type Clock } from '@orbit/kernel';
import type { ClockService, Clocks } from './ports.js';

/** A message from one service to another may cause a message to a third, which is asked before it. */
const ARRIVAL_ROUNDS = 2;
/** Work that makes new work for the same instant over and over is a fault of ours. */
const PASSES_MAX = 20;

/**
 * Moves accounts' clocks: from instant to instant at which a service has something to do, and at each through the
 * steps in their order, so that one jump of a year does what 365 jumps of a day do (decision 0051).
 */
export class DriveClock {
  /** Of this process, by account. */
  private readonly driving = new Map<string, Promise<void>>();

  constructor(
    private readonly clocks: Clocks,
    /** In the order in which they send each other messages. */
    private readonly services: readonly ClockService[],
    private readonly clock: Clock,
  ) {}

  /** Resolves when the clock stands again, or when another process drives it. Errors: OrbitError; call again. */
  run(accountId: string): Promise<void> {
    const under = this.driving.get(accountId);
    if (under) return under;
    const own = this.drive(accountId).finally(() => this.driving.delete(accountId));
    this.driving.set(accountId, own);
    return own;
  }

  /** Goes on with clocks whose driver died. Returns how many. */
  async resume(): Promise<number> {
    const accounts = await this.clocks.listAbandoned(this.clock.nowMs());
    for (const accountId of accounts) await this.run(accountId);
    return accounts.length;
  }

  /** The clock of a new account: it stands from the beginning. */
  async stand(accountId: string, nowMs: number): Promise<void> {
    await this.clocks.stand(accountId, nowMs);
    for (const service of this.services) await service.move(accountId, nowMs, null);
  }

  private async drive(accountId: string): Promise<void> {
    if (!(await this.clocks.claim(accountId, this.clock.nowMs()))) return;
    try {
      for (;;) {
        const state = await this.clocks.read(accountId);
        const targetMs = state?.targetMs ?? null;
        if (!state || targetMs === null) return;
        await this.move(accountId, state.nowMs, targetMs);
        await this.driveTo(accountId, state.nowMs, targetMs);
        await this.move(accountId, targetMs, targetMs);
        for (const service of this.services) await service.move(accountId, targetMs, null);
        if (await this.clocks.arrive(accountId, targetMs)) return;
      }
    } finally {
      await this.clocks.release(accountId);
    }
  }

  private async driveTo(accountId: string, fromMs: number, targetMs: number): Promise<void> {
    // What was accepted before the call is work of the instant that the clock stands at.
    await this.untilArrived(accountId);
    let nowMs = fromMs;
    for (let passes = 0; ;) {
      const dues = await Promise.all(
        this.services.map((service) => service.nextDue(accountId, targetMs)),
      );
      const instants = dues.flatMap(({ atMs }) => atMs ?? []);
      if (instants.length === 0) return;
      // Something may have been asked for an instant that is over; it is done now.
      const atMs = Math.max(nowMs, Math.min(...instants));
      passes = atMs === nowMs ? passes + 1 : 0;
      invariant(passes <= PASSES_MAX, 'the work of one instant ends');
      nowMs = atMs;
      await this.move(accountId, atMs, targetMs);
      for (const step of DUE_STEPS) {
        const count = await this.runStep(accountId, atMs, step, dues);
        if (count > 0) await this.untilArrived(accountId);
      }
    }
  }

  private async runStep(
    accountId: string,
    atMs: number,
    step: DueStep,
    dues: readonly { readonly steps: readonly DueStep[] }[],
  ): Promise<number> {
    let count = 0;
    for (const [index, service] of this.services.entries()) {
      if (dues[index]?.steps.includes(step)) count += await service.runDue(accountId, atMs, step);
    }
    return count;
  }

  private async move(accountId: string, nowMs: number, targetMs: number): Promise<void> {
    await this.clocks.step(accountId, nowMs, this.clock.nowMs());
    await Promise.all(this.services.map((one) => one.move(accountId, nowMs, targetMs)));
  }

  private async untilArrived(accountId: string): Promise<void> {
    for (let round = 0; round < ARRIVAL_ROUNDS; round++) {
      for (const service of this.services) {
        if (await service.hasArrived(accountId)) continue;
        throw new OrbitError('unavailable', `${service.name} is behind; the clock waits for it.`);
      }
    }
  }
}
