import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { invariant, type AccountClock } from '@orbit/kernel';
import { answered, notFound, refused, type Changes } from '@orbit/orb-api';
import { toInvoice } from '../../domain/invoice-view.js';
import { notBuilt, type Outcome } from '../../domain/refusals.js';
import { askForPayment, beginAttempt, settleAttempt, type Begun } from './attempt-payment.js';
import type { BillingRuns, BillingTransaction, InvoicePayments } from '../ports.js';

/**
 * Pays issued invoices by the customer's saved payment method, as somebody asks.
 */
export class PayInvoice {
  constructor(
    private readonly runs: BillingRuns,
    private readonly changes: Changes<BillingTransaction>,
    private readonly payments: InvoicePayments,
    private readonly clock: AccountClock,
  ) {}

  /** Errors: payment_provider_error and unavailable while the outcome is unknown; the database's own. */
  async pay(call: OrbCall): Promise<OrbAnswer> {
    const accountId = call.account.id;
    const id = call.path['invoice_id'] ?? '';
    const nowMs = await this.clock.nowMs(accountId);
    const token = call.body['shared_payment_token_id'] ?? null;
    const begun: Outcome<Begun> | null =
      token === null
        ? await this.runs.run((tx) => beginAttempt(tx, accountId, id, nowMs, false))
        : notBuilt('shared_payment_token_id');
    const state = begun?.ok === true ? await askForPayment(this.payments, begun.value) : null;
    return this.changes.run(call, async (tx) => {
      if (!begun) return refused(notFound('invoice', id));
      if (!begun.ok) return refused(begun.refusal);
      invariant(state, 'a payment that was begun was asked for');
      await settleAttempt(tx, begun.value, state, nowMs);
      if (state.status === 'dropped') {
        const detail = 'The customer has no payment method that is saved.';
        return refused({ code: 'constraint_violation', detail });
      }
      const paid = await tx.invoices.read(accountId, id);
      invariant(paid, 'an invoice that was paid is there');
      return answered(200, toInvoice(paid, true));
    });
  }
}
