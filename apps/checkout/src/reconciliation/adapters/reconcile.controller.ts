import { Controller } from '@nestjs/common';
import { STRIPE_RECONCILIATION, type ReconcileStripe, type StripeReport } from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { ReconcileWithStripe } from '../application/reconcile-stripe.js';

/** Stripe's books against ours, as operators ask for it. */
@Controller()
export class ReconcileController {
  constructor(private readonly reconcile: ReconcileWithStripe) {}

  @Handles(STRIPE_RECONCILIATION.run)
  run(request: ReconcileStripe): Promise<StripeReport> {
    return this.reconcile.run(request);
  }
}
