import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  CHECKOUT_RPC,
  type AutoReloadView,
  type ConfigureAutoReload as Request,
} from '@orbit/contracts';
import type { BalanceAlert, CreditTakenBack } from '@orbit/events';
import { BatchHandler, type EventBatch } from '@orbit/messaging';
import { BackgroundJobs } from '@orbit/runtime';
import { ConfigureAutoReload } from '../application/configure-auto-reload.js';
import { RunAutoReload } from '../application/run-auto-reload.js';
import { fieldsOf, textOf } from '../../topups/adapters/request-fields.js';

@Controller()
export class AutoReloadController {
  constructor(
    private readonly configureAutoReload: ConfigureAutoReload,
    private readonly background: BackgroundJobs,
  ) {}

  @MessagePattern(CHECKOUT_RPC.readAutoReload)
  async read(@Payload() payload: unknown): Promise<AutoReloadView> {
    return this.configureAutoReload.read(textOf(fieldsOf(payload), 'organization_id'));
  }

  @MessagePattern(CHECKOUT_RPC.resumeAutoReload)
  async resume(@Payload() payload: unknown): Promise<AutoReloadView> {
    const organization_id = textOf(fieldsOf(payload), 'organization_id');
    const view = await this.configureAutoReload.resume({ organization_id });
    this.background.wake('relay');
    return view;
  }

  /** The use case checks each field for what it is. */
  @MessagePattern(CHECKOUT_RPC.configureAutoReload)
  async configure(@Payload() payload: unknown): Promise<AutoReloadView> {
    const view = await this.configureAutoReload.configure(fieldsOf(payload) as unknown as Request);
    this.background.wake('relay');
    return view;
  }
}

/** `balance.low` and `credit.taken_back`: the policies of these organizations are due. What to do is decided from the balance. */
@Controller()
export class BalanceLowConsumer {
  constructor(
    private readonly autoReload: RunAutoReload,
    private readonly background: BackgroundJobs,
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
    this.background.wake('auto_reload');
  }
}
