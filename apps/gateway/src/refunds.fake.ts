import { OrbitError, type RefundView } from '@orbit/contracts';
import type { Clients } from './edge/rpc/clients.js';

export const REFUND: RefundView = {
  refund_id: 'ref_1',
  organization_id: 'org_a',
  topup_id: 'tu_1',
  payment_intent_id: 'pi_1',
  origin: 'api',
  state: 'succeeded',
  amount_minor: 7_500,
  amount: '75.00',
  currency: 'USD',
  unit: 'USD',
  reason: null,
  failure_reason: null,
  stripe_refund_id: 're_1',
  created_at: '2026-05-16T12:00:00.000Z',
  refunded_at: '2026-05-16T12:00:01.000Z',
  replayed: false,
};

/** For tests: checkout in memory; knows one refund, of org_a, of which 75.00 could be refunded. */
export class FakeRefunds {
  next: Partial<RefundView> = {};

  constructor(private readonly calls: { name: string; payload: unknown }[]) {}

  readonly refunds: Clients['refunds'] = {
    create: async (request) => {
      this.calls.push({ name: 'refunds.create', payload: request });
      if ((request.amount_minor ?? 0) > 7_500) {
        throw new OrbitError('refund_exceeds_unspent', 'Of this payment 75.00 at most.', {
          param: 'amount',
          details: { max_refundable: '75.00', max_refundable_minor: 7_500 },
        });
      }
      return { ...REFUND, ...this.next };
    },
    read: async ({ organization_id, refund_id }) => {
      if (organization_id === 'org_a' && refund_id === 'ref_1') return REFUND;
      throw new OrbitError('not_found', 'There is no such refund in your organization.');
    },
    list: async (query) => {
      this.calls.push({ name: 'refunds.list', payload: query });
      return { refunds: [REFUND], has_more: query.limit === 1 };
    },
    listDisputes: async (query) => {
      this.calls.push({ name: 'disputes.list', payload: query });
      return { disputes: [], has_more: false };
    },
  };

  readonly stripeReconciliation: Clients['stripeReconciliation'] = {
    run: async (request) => {
      this.calls.push({ name: 'stripe.reconcile', payload: request });
      const since = '2026-05-15T00:00:00.000Z';
      const counts = { payments: 0, refunds: 0, disputes: 0, ledger_entries: 0 };
      return {
        ...{ since, until: since, not_ours: 0, clearing: [], differences: [], replayed_events: 0 },
        compared: { balance_transactions: 0, ...counts },
      };
    },
  };
}
