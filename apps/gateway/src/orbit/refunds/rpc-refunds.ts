import {
  REFUNDS_RPC,
  type CreateRefund,
  type DisputeListQuery,
  type DisputePage,
  type ReconcileStripe,
  type RefundListQuery,
  type RefundPage,
  type RefundView,
  type StripeReport,
} from '@orbit/contracts';
import type { Refunds } from './refund-ports.js';
import { STRIPE_CALL_TIMEOUT_MS, type Rpc } from '../../edge/rpc/rpc-services.js';

/** A comparison reads every payment of days, page by page. */
const RECONCILE_TIMEOUT_MS = 120_000;

export class RpcRefunds implements Refunds {
  constructor(private readonly rpc: Rpc) {}

  createRefund(request: CreateRefund): Promise<RefundView> {
    return this.rpc.call(REFUNDS_RPC.create, request, STRIPE_CALL_TIMEOUT_MS);
  }

  readRefund(organizationId: string, refundId: string): Promise<RefundView | null> {
    const payload = { organization_id: organizationId, refund_id: refundId };
    return this.rpc.call(REFUNDS_RPC.read, payload);
  }

  listRefunds(query: RefundListQuery): Promise<RefundPage> {
    return this.rpc.call(REFUNDS_RPC.list, query);
  }

  listDisputes(query: DisputeListQuery): Promise<DisputePage> {
    return this.rpc.call(REFUNDS_RPC.listDisputes, query);
  }

  reconcile(request: ReconcileStripe): Promise<StripeReport> {
    return this.rpc.call(REFUNDS_RPC.reconcile, request, RECONCILE_TIMEOUT_MS);
  }
}
