import { ACCOUNT_CLOCK_RPC, type DueStep, type NextDueView } from '@orbit/contracts';
import type { DueRegistry, RpcClient } from '@orbit/runtime';
import type { ClockService } from '../application/ports.js';

/** Closing or billing what a whole account has used takes its time, in milliseconds. */
const RUN_TIMEOUT_MS = 60_000;
const SETTLE_TIMEOUT_MS = 10_000;
const OWN_SETTLE_MS = 3_000;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Another service's part. */
export class RpcClockService implements ClockService {
  constructor(
    readonly name: string,
    private readonly rpc: Pick<RpcClient, 'call'>,
  ) {}

  async nextDue(accountId: string, untilMs: number) {
    const ask = { account_id: accountId, until: iso(untilMs) };
    const { at, steps } = await this.rpc.call<NextDueView>(ACCOUNT_CLOCK_RPC.nextDue, ask);
    return { atMs: at === null ? null : Date.parse(at), steps };
  }

  async runDue(accountId: string, atMs: number, step: DueStep): Promise<number> {
    const ask = { account_id: accountId, at: iso(atMs), step };
    const { runDue } = ACCOUNT_CLOCK_RPC;
    return (await this.rpc.call<{ count: number }>(runDue, ask, RUN_TIMEOUT_MS)).count;
  }

  async move(accountId: string, nowMs: number, targetMs: number | null): Promise<void> {
    const target = targetMs === null ? null : iso(targetMs);
    const ask = { account_id: accountId, now: iso(nowMs), target };
    await this.rpc.call<null>(ACCOUNT_CLOCK_RPC.move, ask);
  }

  async settle(accountId: string): Promise<boolean> {
    const { settle } = ACCOUNT_CLOCK_RPC;
    const ask = { account_id: accountId };
    type Settled = { readonly is_settled: boolean };
    return (await this.rpc.call<Settled>(settle, ask, SETTLE_TIMEOUT_MS)).is_settled;
  }
}

/** This service's own part; its clock is the driver's. */
export class OwnClockService implements ClockService {
  readonly name = 'invoicing';

  constructor(private readonly due: DueRegistry) {}

  async nextDue(accountId: string, untilMs: number) {
    return { atMs: await this.due.nextDue(accountId, untilMs), steps: this.due.steps };
  }

  runDue(accountId: string, atMs: number, step: DueStep): Promise<number> {
    return this.due.runDue(accountId, atMs, step);
  }

  move(): Promise<void> {
    return Promise.resolve();
  }

  settle(): Promise<boolean> {
    return this.due.allArrived(OWN_SETTLE_MS);
  }
}
