import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { Logger } from '@orbit/runtime';

/** Looks at an invoice that has just changed, and does what follows from that. May be called again. */
export type InvoiceFollower = (accountId: string, invoiceId: string) => Promise<void>;

/**
 * Other rooms that wait for invoices to be paid or void. They are called once the change is made, so that whoever asked
 * for it sees what follows; what fails then is done by their own loops.
 */
export class InvoiceFollowers {
  private readonly followers: InvoiceFollower[] = [];

  constructor(private readonly logger: Pick<Logger, 'warn'>) {}

  add(follower: InvoiceFollower): void {
    this.followers.push(follower);
  }

  /** Errors: those of the change. */
  async after(call: OrbCall, change: Promise<OrbAnswer>): Promise<OrbAnswer> {
    const answer = await change;
    if (answer.status >= 300) return answer;
    const invoiceId = call.path['invoice_id'] ?? '';
    for (const follower of this.followers) {
      try {
        await follower(call.account.id, invoiceId);
      } catch (err) {
        this.logger.warn({ invoice_id: invoiceId, err }, 'what follows from an invoice waits');
      }
    }
    return answer;
  }
}
