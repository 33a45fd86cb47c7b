import type {
  CreateRefund,
  DisputeListQuery,
  DisputePage,
  ReconcileStripe,
  RefundListQuery,
  RefundPage,
  RefundView,
  StripeReport,
} from '@orbit/contracts';

/** Checkout, as far as money goes back. Errors: OrbitError `unavailable`, `timeout`, or what checkout throws. */
export interface Refunds {
  createRefund(request: CreateRefund): Promise<RefundView>;
  readRefund(organizationId: string, refundId: string): Promise<RefundView | null>;
  listRefunds(query: RefundListQuery): Promise<RefundPage>;
  listDisputes(query: DisputeListQuery): Promise<DisputePage>;
  reconcile(request: ReconcileStripe): Promise<StripeReport>;
}
