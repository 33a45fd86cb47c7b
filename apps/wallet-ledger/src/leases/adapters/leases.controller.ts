import { Controller } from '@nestjs/common';
import {
  LEASES,
  OrbitError,
  type LeaseAnswer,
  type LeaseListQuery,
  type LeasePage,
  type LeaseRef,
  type LeaseView,
  type OpenLease,
  type RenewLease,
} from '@orbit/contracts';
import { requireAmount, ZERO_MICROS } from '@orbit/money';
import { Handles } from '@orbit/runtime';
import { ManageLeases } from '../application/manage-leases.js';
import { toKey } from '../../books/adapters/requests.js';

/** Money set aside for one process, over Nest TCP. */
@Controller()
export class LeasesController {
  constructor(private readonly leases: ManageLeases) {}

  @Handles(LEASES.open)
  async open(request: OpenLease): Promise<LeaseAnswer> {
    return this.leases.open(toKey(request), {
      reference: request.reference,
      amountMicros: requireAmount(request.amount),
      ttlMs: request.ttl_ms,
      holder: request.holder,
    });
  }

  @Handles(LEASES.renew)
  async renew(request: RenewLease): Promise<LeaseAnswer> {
    const { amount, ttl_ms: ttlMs } = request;
    if (amount === undefined && ttlMs === undefined) {
      throw new OrbitError('invalid_field', 'A renewal gives amount, ttl or both.', {
        param: 'amount',
      });
    }
    return this.leases.renew(request.organization_id, request.lease_id, {
      reference: request.reference,
      amountMicros: amount === undefined ? ZERO_MICROS : requireAmount(amount),
      ttlMs: ttlMs ?? 0,
    });
  }

  @Handles(LEASES.close)
  async close({ organization_id, lease_id }: LeaseRef): Promise<LeaseAnswer> {
    return this.leases.close(organization_id, lease_id);
  }

  @Handles(LEASES.read)
  async read({ organization_id, lease_id }: LeaseRef): Promise<LeaseView | null> {
    return this.leases.read(organization_id, lease_id);
  }

  @Handles(LEASES.list)
  async list(query: LeaseListQuery): Promise<LeasePage> {
    const { state = null, limit, after_id: afterId = null } = query;
    return this.leases.list(toKey(query), { state, limit, afterId });
  }
}
