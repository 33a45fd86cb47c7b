import { Controller } from '@nestjs/common';
import { REFUND_RESERVES, type RefundReserved, type ReserveRefund } from '@orbit/contracts';
import { requireAmount } from '@orbit/money';
import { Handles } from '@orbit/runtime';
import { ReserveRefund as ReserveRefundUseCase } from '../application/clawback-commands.js';
import { toKey } from '../../books/adapters/requests.js';

/** Reserves a refund before checkout asks Stripe; over Nest TCP. */
@Controller()
export class RefundsController {
  constructor(private readonly reserveRefund: ReserveRefundUseCase) {}

  @Handles(REFUND_RESERVES.reserve)
  async reserve(request: ReserveRefund): Promise<RefundReserved> {
    return this.reserveRefund.run(toKey(request), {
      refundId: request.refund_id,
      topUpId: request.topup_id,
      amountMicros: request.amount === null ? null : requireAmount(request.amount),
    });
  }
}
