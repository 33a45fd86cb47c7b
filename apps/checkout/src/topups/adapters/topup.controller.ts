import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CHECKOUT_RPC, type TopUpCreated, type TopUpPage, type TopUpView } from '@orbit/contracts';
import { BackgroundJobs } from '@orbit/runtime';
import { CreateTopUpSession } from '../application/create-topup.js';
import { ChargeTopUpNow } from '../application/charge-topup.js';
import { ParkedTopUps } from '../application/parked-topups.js';
import { fieldsOf, numberOf, optionalTextOf, textOf } from './request-fields.js';

/** What the gateway asks of checkout. The shapes are in libs/contracts; the use cases check the values. */
@Controller()
export class TopUpController {
  constructor(
    private readonly createTopUp: CreateTopUpSession,
    private readonly chargeTopUp: ChargeTopUpNow,
    private readonly parked: ParkedTopUps,
    private readonly background: BackgroundJobs,
  ) {}

  @MessagePattern(CHECKOUT_RPC.createTopUp)
  async create(@Payload() payload: unknown): Promise<TopUpCreated> {
    const fields = fieldsOf(payload);
    const wallet_unit = optionalTextOf(fields, 'wallet_unit');
    return this.createTopUp.run({
      ...(wallet_unit === undefined ? {} : { wallet_unit }),
      organization_id: textOf(fields, 'organization_id'),
      amount_minor: numberOf(fields, 'amount_minor', 'amount'),
      currency: textOf(fields, 'currency'),
      success_url: textOf(fields, 'success_url'),
      cancel_url: textOf(fields, 'cancel_url'),
      idempotency_key: textOf(fields, 'idempotency_key'),
    });
  }

  @MessagePattern(CHECKOUT_RPC.chargeTopUp)
  async charge(@Payload() payload: unknown): Promise<TopUpView> {
    const fields = fieldsOf(payload);
    const return_url = optionalTextOf(fields, 'return_url');
    const wallet_unit = optionalTextOf(fields, 'wallet_unit');
    const view = await this.chargeTopUp.run({
      organization_id: textOf(fields, 'organization_id'),
      amount_minor: numberOf(fields, 'amount_minor', 'amount'),
      currency: textOf(fields, 'currency'),
      idempotency_key: textOf(fields, 'idempotency_key'),
      ...(return_url === undefined ? {} : { return_url }),
      ...(wallet_unit === undefined ? {} : { wallet_unit }),
    });
    this.background.wake('relay');
    return view;
  }

  @MessagePattern(CHECKOUT_RPC.readTopUp)
  async read(@Payload() payload: unknown): Promise<TopUpView | null> {
    const fields = fieldsOf(payload);
    return this.parked.read(textOf(fields, 'organization_id'), textOf(fields, 'topup_id'));
  }

  @MessagePattern(CHECKOUT_RPC.listTopUps)
  async list(@Payload() payload: unknown): Promise<TopUpPage> {
    const fields = fieldsOf(payload);
    const organization_id = optionalTextOf(fields, 'organization_id');
    const state = optionalTextOf(fields, 'state');
    const after_id = optionalTextOf(fields, 'after_id');
    return this.parked.list({
      limit: numberOf(fields, 'limit', 'limit'),
      ...(organization_id === undefined ? {} : { organization_id }),
      ...(state === undefined ? {} : { state }),
      ...(after_id === undefined ? {} : { after_id }),
    });
  }

  @MessagePattern(CHECKOUT_RPC.resolveTopUp)
  async resolve(@Payload() payload: unknown): Promise<TopUpView> {
    const fields = fieldsOf(payload);
    const view = await this.parked.resolve({
      topup_id: textOf(fields, 'topup_id'),
      // The use case refuses what is neither of the two.
      action: textOf(fields, 'action') as 'dismiss',
      reason: textOf(fields, 'reason'),
    });
    this.background.wake('relay');
    return view;
  }
}
