import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { REFUNDS_RPC, type StripeReport } from '@orbit/contracts';
import { ReconcileWithStripe } from '../application/reconcile-stripe.js';
import { fieldsOf, optionalTextOf } from '../../topups/adapters/request-fields.js';

/** What operators ask about Stripe's books and ours. */
@Controller()
export class ReconcileController {
  constructor(private readonly reconcile: ReconcileWithStripe) {}

  @MessagePattern(REFUNDS_RPC.reconcile)
  run(@Payload() payload: unknown): Promise<StripeReport> {
    const fields = fieldsOf(payload);
    const since = optionalTextOf(fields, 'since');
    return this.reconcile.run({
      ...(since === undefined ? {} : { since }),
      fix: fields['fix'] === true,
    });
  }
}
