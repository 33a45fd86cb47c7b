import { orbPattern, OrbitError, type OrbAccount, type OrbAnswer } from '@orbit/contracts';
import type { RpcClient } from '@orbit/runtime';
import type { BillingPeriods } from '../application/ports.js';
import type { BillingPeriod } from '../domain/correction-window.js';

/** Active subscriptions of a customer at most. */
const SUBSCRIPTIONS_MAX = 100;

interface Shown {
  readonly start_date: string;
  readonly billing_cycle_day: number;
  readonly customer: { readonly timezone: string };
  readonly current_billing_period_start_date: string | null;
  readonly current_billing_period_end_date: string | null;
}

/** Billing periods, asked of invoicing as the gateway asks for subscriptions. */
export class RpcBillingPeriods implements BillingPeriods {
  constructor(private readonly invoicing: Pick<RpcClient, 'call'>) {}

  async current(account: OrbAccount, customerId: string): Promise<readonly BillingPeriod[]> {
    const query = { customer_id: [customerId], status: ['active'], limit: SUBSCRIPTIONS_MAX };
    const answer = await this.invoicing.call<OrbAnswer>(orbPattern('list-subscriptions'), {
      ...{ account, customer: null, path: {}, query, body: {}, idempotency: null },
    });
    if (answer.status !== 200) {
      const message = `invoicing answered ${answer.status} for the subscriptions of a customer`;
      throw new OrbitError('unavailable', message);
    }
    const { data } = JSON.parse(answer.body ?? '{}') as { readonly data: readonly Shown[] };
    return data.flatMap(periodOf);
  }
}

function periodOf(shown: Shown): readonly BillingPeriod[] {
  const { current_billing_period_start_date: start, current_billing_period_end_date: end } = shown;
  if (start === null || end === null) return [];
  return [
    {
      startMs: Date.parse(start),
      endMs: Date.parse(end),
      subscriptionStartMs: Date.parse(shown.start_date),
      anchorDay: shown.billing_cycle_day,
      timezone: shown.customer.timezone,
    },
  ];
}
