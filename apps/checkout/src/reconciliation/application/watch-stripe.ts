import { createHash } from 'node:crypto';
import type { StripeDifference } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { PAUSING } from '../domain/reconcile.js';
import type { Log, OutboxEvent } from '../../topups/application/ports.js';
import type { LedgerBooks, ReconcileStore } from './reconcile-ports.js';
import type { ReconcileWithStripe } from './reconcile-stripe.js';

/** The scheduled comparison: reports each difference and pauses its wallet where the policy says so. */
export class WatchStripe {
  constructor(
    private readonly reconcile: ReconcileWithStripe,
    private readonly store: ReconcileStore,
    private readonly ledger: LedgerBooks,
    private readonly pauses: boolean,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async run(): Promise<void> {
    const { differences, compared } = await this.reconcile.run();
    this.log.info({ ...compared, differences: differences.length }, 'compared with stripe');
    for (const difference of differences) await this.report(difference);
  }

  private async report(difference: StripeDifference): Promise<void> {
    this.log.error({ ...difference }, 'stripe and the ledger differ');
    const { organization_id, currency, kind } = difference;
    if (organization_id === null) return;
    await this.store.alert(alertOf({ ...difference, organization_id }, this.clock.nowMs()));
    if (!this.pauses || !PAUSING.includes(kind)) return;
    await this.ledger.pause(organization_id, currency);
    this.log.error({ organization_id, currency, kind }, 'paused a wallet that differs from stripe');
  }
}

/** Makes the alert of a difference; the same difference is published once. */
function alertOf(
  difference: StripeDifference & { readonly organization_id: string },
  nowMs: number,
): OutboxEvent {
  const { organization_id, topup_id, kind, subject, currency, at_stripe, in_ledger } = difference;
  const { payment_intent_id, what_to_do } = difference;
  const identity = [organization_id, kind, subject, at_stripe, in_ledger];
  const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
  return {
    eventId: `evt_difference_${hash.slice(0, 32)}`,
    topic: 'payment.differs',
    occurredAtMs: nowMs,
    value: {
      ...{ organization_id, topup_id, kind, subject, payment_intent_id, currency },
      ...{ at_stripe, in_ledger, what_to_do },
      occurred_at: new Date(nowMs).toISOString(),
    },
  };
}
