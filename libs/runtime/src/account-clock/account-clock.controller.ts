import type { Feature } from '../composition/feature.js';
import { Controller, Inject, type Provider } from '@nestjs/common';
import {
  ACCOUNT_CLOCK,
  type MoveClock,
  type NextDueAsk,
  type NextDueView,
  type RunDue,
} from '@orbit/contracts';
import { Handles } from '../rpc/handles.js';
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

  @Handles(ACCOUNT_CLOCK.nextDue)
  async nextDue(ask: NextDueAsk): Promise<NextDueView> {
    const atMs = await this.due.nextDue(ask.account_id, Date.parse(ask.until));
    return { at: atMs === null ? null : new Date(atMs).toISOString(), steps: this.due.steps };
  }

  @Handles(ACCOUNT_CLOCK.runDue)
  async runDue(ask: RunDue): Promise<{ readonly count: number }> {
    return { count: await this.due.runDue(ask.account_id, Date.parse(ask.at), ask.step) };
  }

  @Handles(ACCOUNT_CLOCK.move)
  async move({ account_id: accountId, now, target }: MoveClock): Promise<null> {
    const [nowMs, targetMs] = [Date.parse(now), target === null ? null : Date.parse(target)];
    await this.due.move(accountId, nowMs, () => this.clock.moveTo(accountId, nowMs, targetMs));
    return null;
  }

  @Handles(ACCOUNT_CLOCK.allArrived)
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
