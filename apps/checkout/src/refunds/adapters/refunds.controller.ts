import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { REFUNDS_RPC, type DisputePage, type RefundPage, type RefundView } from '@orbit/contracts';
import { BackgroundJobs } from '@orbit/runtime';
import { ReadClawbacks } from '../application/read-clawbacks.js';
import { RequestRefund } from '../application/request-refund.js';
import {
  fieldsOf,
  numberOf,
  optionalTextOf,
  textOf,
} from '../../topups/adapters/request-fields.js';

/** What the gateway asks about money that goes back. The use cases check the values. */
@Controller()
export class RefundsController {
  constructor(
    private readonly requestRefund: RequestRefund,
    private readonly readClawbacks: ReadClawbacks,
    private readonly background: BackgroundJobs,
  ) {}

  @MessagePattern(REFUNDS_RPC.create)
  async create(@Payload() payload: unknown): Promise<RefundView> {
    const fields = fieldsOf(payload);
    const topup_id = optionalTextOf(fields, 'topup_id');
    const payment_id = optionalTextOf(fields, 'payment_id');
    const reason = optionalTextOf(fields, 'reason');
    const isAll = fields['amount_minor'] === undefined;
    const view = await this.requestRefund.run({
      organization_id: textOf(fields, 'organization_id'),
      idempotency_key: textOf(fields, 'idempotency_key'),
      ...(topup_id === undefined ? {} : { topup_id }),
      ...(payment_id === undefined ? {} : { payment_id }),
      ...(isAll ? {} : { amount_minor: numberOf(fields, 'amount_minor', 'amount') }),
      ...(reason === undefined ? {} : { reason }),
    });
    this.background.wake('relay');
    return view;
  }

  @MessagePattern(REFUNDS_RPC.read)
  read(@Payload() payload: unknown): Promise<RefundView | null> {
    const fields = fieldsOf(payload);
    return this.readClawbacks.read(textOf(fields, 'organization_id'), textOf(fields, 'refund_id'));
  }

  @MessagePattern(REFUNDS_RPC.list)
  list(@Payload() payload: unknown): Promise<RefundPage> {
    const fields = fieldsOf(payload);
    const topup_id = optionalTextOf(fields, 'topup_id');
    const after_id = optionalTextOf(fields, 'after_id');
    return this.readClawbacks.list({
      organization_id: textOf(fields, 'organization_id'),
      limit: numberOf(fields, 'limit', 'limit'),
      ...(topup_id === undefined ? {} : { topup_id }),
      ...(after_id === undefined ? {} : { after_id }),
    });
  }

  @MessagePattern(REFUNDS_RPC.listDisputes)
  listDisputes(@Payload() payload: unknown): Promise<DisputePage> {
    const fields = fieldsOf(payload);
    const organization_id = optionalTextOf(fields, 'organization_id');
    const state = optionalTextOf(fields, 'state');
    const after_id = optionalTextOf(fields, 'after_id');
    return this.readClawbacks.listDisputes({
      limit: numberOf(fields, 'limit', 'limit'),
      ...(organization_id === undefined ? {} : { organization_id }),
      ...(state === undefined ? {} : { state }),
      ...(after_id === undefined ? {} : { after_id }),
    });
  }
}
