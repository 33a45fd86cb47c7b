// What the tests of subscriptions share: a room of billing with an item, plans by name, and
// refusals that change nothing.
import { billingUnderTest, type BillingUnderTest, type Shown } from '../billing/billing-fixture.js';
import type { SubscribablePlan } from '../billing/domain/subscription.js';

export type Fields = Record<string, unknown>;
export const at = (text: string): number => Date.parse(text);

export async function subscriptionRoom(startMs: number) {
  const room: BillingUnderTest = await billingUnderTest(startMs);
  await room.prisma.$executeRaw`
    INSERT INTO invoicing.item (id, account_id, name, created_at)
    VALUES ('item_1', 'acct_a', 'Item', now())`;
  const state = () => room.prisma.$queryRaw<unknown[]>`
    SELECT s.id, s.timeline, s.settings, (SELECT count(*)::int FROM invoicing.orb_invoice) AS invoices,
      (SELECT sum(times_redeemed)::int FROM invoicing.coupon) AS redeemed
    FROM invoicing.orb_subscription s ORDER BY s.position`;
  return {
    ...room,
    plan: (id: string, fields: Partial<SubscribablePlan> = {}): void => {
      room.plans.set(id, {
        ...{ id, name: id, version: 1, status: 'active', invoicingCurrency: 'USD', netTerms: 14 },
        ...{ defaultInvoiceMemo: null, trialDays: null, phases: null, adjustments: [], prices: [] },
        ...fields,
      });
    },
    subscribe: (customerId: string, planId: string, body: Fields = {}): Promise<Shown> =>
      room.ask('create-subscription', {
        body: { customer_id: customerId, plan_id: planId, ...body },
      }),
    /** Newest first. */
    invoices: async (customerId: string): Promise<readonly Fields[]> => {
      const query = { customer_id: customerId, 'status[]': ['issued', 'paid', 'void'] };
      return (await room.ask('list-invoices', { query }))['data'] as readonly Fields[];
    },
    /** `license`: whom the event names. */
    use: (customerId: string, time: string, quantity: string, license?: string): void => {
      const before = room.events.get(customerId) ?? [];
      const event = { atMs: at(time), quantity, ...(license === undefined ? {} : { license }) };
      room.events.set(customerId, [...before, event]);
    },
    /** Status and detail of a refusal; nothing is changed by it. */
    refused: async (operation: string, given: Parameters<typeof room.call>[1]): Promise<string> => {
      const before = await state();
      const answer = await room.call(operation, given);
      expect(await state()).toEqual(before);
      const { detail } = JSON.parse(answer.body ?? '{}') as { detail: string };
      return `${String(answer.status)} ${detail}`;
    },
  };
}

export type SubscriptionRoom = Awaited<ReturnType<typeof subscriptionRoom>>;
