import type { Feature } from '../composition/feature.js';
import { Controller, Inject, type Provider } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  ACCOUNT_CLOCK_RPC,
  type AccountAsk,
  type DueStep,
  type MoveClock,
  type NextDueView,
} from '@orbit/contracts';
import { DueRegistry } from './due-registry.js';
import { StoredAccountClock } from './stored-account-clock.js';

/** Less than a caller waits for an answer. */
const ARRIVAL_MS_MAX = 3_000;

/** A service's part of the clocks of accounts, over Nest TCP. Times are those of the driver, which checked them. */
@Controller()
export class AccountClockController {
  constructor(
    @Inject(DueRegistry) private readonly due: DueRegistry,
    @Inject(StoredAccountClock) private readonly clock: StoredAccountClock,
  ) {}

  @MessagePattern(ACCOUNT_CLOCK_RPC.nextDue)
  async nextDue(@Payload() ask: AccountAsk & { readonly until: string }): Promise<NextDueView> {
    const atMs = await this.due.nextDue(ask.account_id, Date.parse(ask.until));
    return { at: atMs === null ? null : new Date(atMs).toISOString(), steps: this.due.steps };
  }

  @MessagePattern(ACCOUNT_CLOCK_RPC.runDue)
  async runDue(
    @Payload() ask: AccountAsk & { readonly at: string; readonly step: DueStep },
  ): Promise<{ readonly count: number }> {
    return { count: await this.due.runDue(ask.account_id, Date.parse(ask.at), ask.step) };
  }

  @MessagePattern(ACCOUNT_CLOCK_RPC.move)
  async move(@Payload() { account_id: accountId, now, target }: MoveClock): Promise<null> {
    const [nowMs, targetMs] = [Date.parse(now), target === null ? null : Date.parse(target)];
    await this.due.move(accountId, nowMs, () => this.clock.moveTo(accountId, nowMs, targetMs));
    return null;
  }

  @MessagePattern(ACCOUNT_CLOCK_RPC.settle)
  async allArrived(): Promise<{ readonly is_settled: boolean }> {
    return { is_settled: await this.due.allArrived(ARRIVAL_MS_MAX) };
  }
}

/** For the module of a service whose controllers include AccountClockController. */
export const accountClockProviders = (
  due: DueRegistry,
  clock: StoredAccountClock,
): readonly Provider[] => [
  { provide: DueRegistry, useValue: due },
  { provide: StoredAccountClock, useValue: clock },
];

/** A service's part of the clocks of accounts. */
export const accountClockFeature = (due: DueRegistry, clock: StoredAccountClock): Feature => ({
  controllers: [AccountClockController],
  providers: accountClockProviders(due, clock),
});
