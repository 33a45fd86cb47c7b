import {
  OrbitError,
  type CreateRefund,
  type DisputeListQuery,
  type DisputePage,
  type ReconcileStripe,
  type RefundListQuery,
  type RefundPage,
  type RefundView,
  type StripeReport,
} from '@orbit/contracts';
import type { Principal } from '../../edge/ports.js';
import type { Refunds } from './refund-ports.js';

/** Money that goes back; checkout keeps it. */
export class ManageRefunds {
  constructor(private readonly refunds: Refunds) {}

  create(
    { organizationId: organization_id }: Principal,
    wanted: Omit<CreateRefund, 'organization_id'>,
  ): Promise<RefundView> {
    return this.refunds.createRefund({ ...wanted, organization_id });
  }

  /** `not_found` also for a refund of another organization. */
  async read({ organizationId }: Principal, refundId: string): Promise<RefundView> {
    const refund = await this.refunds.readRefund(organizationId, refundId);
    if (refund !== null) return refund;
    throw new OrbitError('not_found', 'There is no such refund in your organization.');
  }

  list(
    { organizationId: organization_id }: Principal,
    query: Omit<RefundListQuery, 'organization_id'>,
  ): Promise<RefundPage> {
    return this.refunds.listRefunds({ ...query, organization_id });
  }

  /** Of all organizations: for operators. */
  listDisputes(query: DisputeListQuery): Promise<DisputePage> {
    return this.refunds.listDisputes(query);
  }

  reconcile(request: ReconcileStripe): Promise<StripeReport> {
    return this.refunds.reconcile(request);
  }
}
