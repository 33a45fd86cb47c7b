import type { SubscriptionView } from '@orbit/contracts';
import type { SubscriptionChanged, SubscriptionInvoiced } from '@orbit/events';
import type { PeriodAllowance } from '../../catalogue/domain/plan.js';

export interface SubscriptionStore {
  /** Nothing when a higher version is stored. */
  saveSubscription(event: SubscriptionChanged, nowMs: number): Promise<void>;
  /**
   * Nothing when a higher version is stored. `allow` is asked, under a lock of the subscription, what the period is due
   * when it is paid, given what it had; its answer is stored with the invoice.
   */
  saveInvoice(
    event: SubscriptionInvoiced,
    allow: (had: Readonly<Record<string, number>>) => readonly PeriodAllowance[],
  ): Promise<void>;
  /**
   * The organization's one that counts now; null without a plan. A new one counts from when its first period is paid and
   * what that includes is granted: who is shown a plan can use it.
   */
  read(organizationId: string): Promise<Omit<SubscriptionView, 'plan_name' | 'allowances'> | null>;
}
