import { Controller } from '@nestjs/common';
import {
  AUTO_RELOAD,
  type AutoReloadView,
  type ConfigureAutoReload as Request,
} from '@orbit/contracts';
import type { BalanceAlert, CreditTakenBack } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { Handles } from '@orbit/runtime';
import { AutoReloadWake, RelayWake } from '../../topups/adapters/wakes.js';
import { ConfigureAutoReload } from '../application/configure-auto-reload.js';
import { RunAutoReload } from '../application/run-auto-reload.js';

@Controller()
export class AutoReloadController {
  constructor(
    private readonly configureAutoReload: ConfigureAutoReload,
    private readonly relay: RelayWake,
  ) {}

  @Handles(AUTO_RELOAD.read)
  read(request: { readonly organization_id: string }): Promise<AutoReloadView> {
    return this.configureAutoReload.read(request.organization_id);
  }

  @Handles(AUTO_RELOAD.resume)
  async resume(request: { readonly organization_id: string }): Promise<AutoReloadView> {
    const view = await this.configureAutoReload.resume(request);
    this.relay.ring();
    return view;
  }

  @Handles(AUTO_RELOAD.configure)
  async configure(request: Request): Promise<AutoReloadView> {
    const view = await this.configureAutoReload.configure(request);
    this.relay.ring();
    return view;
  }
}

/** `balance.low` and `credit.taken_back`: the policies of these organizations are due. What to do is decided from the balance. */
@Controller()
export class BalanceLowConsumer {
  constructor(
    private readonly autoReload: RunAutoReload,
    private readonly wake: AutoReloadWake,
  ) {}

  @BatchHandler('balance.low')
  low(batch: EventBatch<BalanceAlert>): Promise<void> {
    return this.look(batch.events.map(({ value }) => value.organization_id));
  }

  @BatchHandler('credit.taken_back')
  takenBack(batch: EventBatch<CreditTakenBack>): Promise<void> {
    return this.look(batch.events.map(({ value }) => value.organization_id));
  }

  private async look(organizationIds: readonly string[]): Promise<void> {
    await this.autoReload.markDue([...new Set(organizationIds)]);
    this.wake.ring();
  }
}
