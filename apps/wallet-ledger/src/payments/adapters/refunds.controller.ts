import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { OrbitError, REFUND_RPC, type RefundReserved, type ReserveRefund } from '@orbit/contracts';
import { ReserveRefund as ReserveRefundUseCase } from '../application/clawback-commands.js';
import { readPositive, toKey } from '../../books/adapters/requests.js';

const ID = /^[!-~]{1,200}$/;

/** What checkout asks before it refunds, over Nest TCP. */
@Controller()
export class RefundsController {
  constructor(private readonly reserveRefund: ReserveRefundUseCase) {}

  @MessagePattern(REFUND_RPC.reserve)
  reserve(request: ReserveRefund): Promise<RefundReserved> {
    return this.reserveRefund.run(toKey(request), {
      refundId: readId(request.refund_id, 'refund_id'),
      topUpId: readId(request.topup_id, 'topup_id'),
      amountMicros: request.amount === null ? null : readPositive(request.amount, 'amount'),
    });
  }
}

function readId(value: unknown, param: string): string {
  if (typeof value === 'string' && ID.test(value)) return value;
  throw new OrbitError('invalid_field', `${param} is an id.`, { param });
}
