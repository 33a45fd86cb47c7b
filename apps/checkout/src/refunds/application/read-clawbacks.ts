import {
  unknownCursor,
  type DisputeListQuery,
  type DisputePage,
  type RefundListQuery,
  type RefundPage,
  type RefundView,
} from '@orbit/contracts';
import type { Dispute } from '../domain/dispute.js';
import type { Refund } from '../domain/refund.js';
import type { ClawbackStore } from './ports.js';
import { disputeView, refundView } from './refund-views.js';

/** Refunds of an organization; disputes, for operators. */
export class ReadClawbacks {
  constructor(private readonly store: ClawbackStore) {}

  /** Null for one of another organization, and for one that was refused before anything happened. */
  async read(organizationId: string, refundId: string): Promise<RefundView | null> {
    const refund = await this.store.read(refundId);
    const isTheirs = refund?.organizationId === organizationId && refund.state !== 'refused';
    return isTheirs ? refundView(refund) : null;
  }

  /** Errors: invalid_field for a cursor that is not this organization's, whether it exists elsewhere or not. */
  async list(query: RefundListQuery): Promise<RefundPage> {
    const { limit } = query;
    const after = await this.refundAt(query);
    const found = await this.store.list({
      organizationId: query.organization_id,
      topupId: query.topup_id,
      limit: limit + 1,
      after,
    });
    const refunds = found.slice(0, limit).map((refund) => refundView(refund));
    return { refunds, has_more: found.length > limit };
  }

  async listDisputes(query: DisputeListQuery): Promise<DisputePage> {
    const { state, limit } = query;
    const found = await this.store.listDisputes({
      organizationId: query.organization_id,
      state,
      limit: limit + 1,
      after: await this.disputeAt(query),
    });
    const disputes = found.slice(0, limit).map(disputeView);
    return { disputes, has_more: found.length > limit };
  }

  private async refundAt(query: RefundListQuery): Promise<Refund | undefined> {
    if (query.after_id === undefined) return undefined;
    const refund = await this.store.read(query.after_id);
    const isTheirs = refund?.organizationId === query.organization_id && refund.state !== 'refused';
    if (!isTheirs) throw unknownCursor();
    return refund;
  }

  private async disputeAt(query: DisputeListQuery): Promise<Dispute | undefined> {
    if (query.after_id === undefined) return undefined;
    const dispute = await this.store.readDispute(query.after_id);
    if (dispute === null) throw unknownCursor();
    return dispute;
  }
}
