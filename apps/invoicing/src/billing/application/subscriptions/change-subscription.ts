import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import { answered, notFound, refused, type Changes } from '@orbit/orb-api';
import { advance } from '../documents/advance.js';
import { wouldGiveBack } from '../documents/settle-fees.js';
import { asMutated } from './subscription-view.js';
import type { Outcome } from '../refusals.js';
import type { ShowSubscriptions } from './show-subscriptions.js';
import type { BillingCustomer, BillingTransaction, Subscription } from '../ports.js';

/** What a change is decided on. */
export interface ChangeFacts {
  readonly subscription: Subscription;
  readonly customer: BillingCustomer;
  readonly nowMs: number;
  readonly tx: BillingTransaction;
}

export type DecideChange = (
  facts: ChangeFacts,
) => Outcome<Subscription> | Promise<Outcome<Subscription>>;

const idOf = ({ path }: OrbCall): string => path['subscription_id'] ?? '';

/**
 * Every change of one subscription: under its lock, decided whole before anything is written, its documents brought up
 * to date in the same transaction, answered as it then is. Of two that race the second sees what the first one did.
 */
export class ChangeSubscription {
  constructor(
    private readonly changes: Changes<BillingTransaction>,
    private readonly clock: AccountClock,
    private readonly show: ShowSubscriptions,
  ) {}

  async run(call: OrbCall, decide: DecideChange): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const nowMs = await this.clock.nowMs(accountId);
    return this.changes.run(call, async (tx) => {
      const subscription = await tx.subscriptions.lock(accountId, idOf(call));
      if (!subscription) return refused(notFound('subscription', idOf(call)));
      const customer = await tx.customers.lock(accountId, subscription.customerId);
      if (!customer) return refused(notFound('customer', subscription.customerId));
      const decided = await decide({ subscription, customer, nowMs, tx });
      if (!decided.ok) return refused(decided.refusal);
      const changed = decided.value;
      const isForbidden = call.body['allow_invoice_credit_or_void'] === false;
      if (isForbidden && (await wouldGiveBack(tx, changed, customer, nowMs))) {
        const detail =
          'allow_invoice_credit_or_void is false, and this would give back what an issued invoice charged.';
        return refused({ code: 'constraint_violation', detail });
      }
      await advance(tx, changed, customer, nowMs);
      const shown = await this.show.one(tx, changed, nowMs);
      return answered(200, asMutated(shown));
    });
  }
}
