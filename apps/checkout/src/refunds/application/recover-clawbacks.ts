import type { Clock } from '@orbit/kernel';
import { REFUND_UNDER_WAY, type Refund } from '../domain/refund.js';
import type { ClawbacksProvider, ClawbackStore } from './ports.js';
import type { Log, TopUpStore } from '../../topups/application/ports.js';
import type { RequestRefund } from './request-refund.js';
import type { ApplyClawbacks } from './apply-clawbacks.js';

const BATCH_SIZE = 50;
/** A clawback that a crashed instance has taken, or that failed, is due again after this long. */
const RETRY_MS = 60_000;

/**
 * Continues what no webhook and no client has ended: refunds that a crash left between two steps, refunds that
 * Stripe still works on, disputes that are open, and facts that waited for their payment to be credited.
 */
export class RecoverClawbacks {
  constructor(
    private readonly topups: TopUpStore,
    private readonly store: ClawbackStore,
    private readonly provider: ClawbacksProvider,
    private readonly request: RequestRefund,
    private readonly applyClawbacks: ApplyClawbacks,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** One look; several instances may look at once. */
  async run(): Promise<void> {
    const nowMs = this.clock.nowMs();
    for (const refund of await this.store.takeDueRefunds(nowMs, nowMs + RETRY_MS, BATCH_SIZE)) {
      await this.guarded({ refund_id: refund.id }, () => this.recover(refund));
    }
    for (const dispute of await this.store.takeDueDisputes(nowMs, nowMs + RETRY_MS, BATCH_SIZE)) {
      await this.guarded({ dispute_id: dispute.id }, () => this.look(dispute));
    }
  }

  private async recover(refund: Refund): Promise<void> {
    const isAtStripe = refund.stripeRefundId !== null;
    if (isAtStripe || !REFUND_UNDER_WAY.includes(refund.state)) return this.look(refund);
    // Its answer may have been lost, and Stripe keeps keys for a day only: it is looked up before it is made again.
    if (refund.state === 'reserved' && (await this.request.lookUp(refund)) !== null) return;
    const topup = await this.topups.read(refund.topupId);
    if (topup !== null) await this.request.advance(refund, topup, true);
  }

  private async look(clawback: { topupId: string; paymentIntentId: string }): Promise<void> {
    const seen = await this.provider.readClawbacks(clawback.paymentIntentId);
    if (seen !== null) await this.applyClawbacks.run(null, clawback.topupId, seen);
  }

  /** One failing clawback does not keep the others from their turn. */
  private async guarded(fields: Record<string, unknown>, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      this.log.warn({ ...fields, err }, 'clawbacks: left for the next time');
    }
  }
}
