import {
  ACCOUNT_CLOCK,
  rpcClient,
  type Client,
  type DueStep,
  type Transport,
} from '@orbit/contracts';
import type { DueRegistry } from '@orbit/runtime';
import type { ClockService } from '../application/ports.js';

const OWN_SETTLE_MS = 3_000;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Another service's part. */
export class RpcClockService implements ClockService {
  private readonly clock: Client<typeof ACCOUNT_CLOCK>;

  constructor(
    readonly name: string,
    rpc: Transport,
  ) {
    this.clock = rpcClient(ACCOUNT_CLOCK, rpc);
  }

  async nextDue(accountId: string, untilMs: number) {
    const ask = { account_id: accountId, until: iso(untilMs) };
    const { at, steps } = await this.clock.nextDue(ask);
    return { atMs: at === null ? null : Date.parse(at), steps };
  }

  async runDue(accountId: string, atMs: number, step: DueStep): Promise<number> {
    const ask = { account_id: accountId, at: iso(atMs), step };
    return (await this.clock.runDue(ask)).count;
  }

  async move(accountId: string, nowMs: number, targetMs: number | null): Promise<void> {
    const target = targetMs === null ? null : iso(targetMs);
    const ask = { account_id: accountId, now: iso(nowMs), target };
    await this.clock.move(ask);
  }

  async hasArrived(accountId: string): Promise<boolean> {
    return (await this.clock.allArrived({ account_id: accountId })).is_settled;
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

  hasArrived(): Promise<boolean> {
    return this.due.allArrived(OWN_SETTLE_MS);
  }
}
