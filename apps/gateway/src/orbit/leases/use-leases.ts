import {
  OrbitError,
  unknownCursor,
  type LeaseAnswer,
  type LeasePage,
  type LeaseState,
  type LeaseView,
} from '@orbit/contracts';
import type { Currency } from '@orbit/money';
import type { Leases } from './lease-ports.js';
import type { Principal } from '../../edge/ports.js';
import { requireCurrency } from '../payments/start-top-up.js';

export interface LeaseOrder {
  readonly amount: string;
  readonly currency: Currency;
  readonly ttlMs: number;
  readonly holder: string | null;
  readonly idempotencyKey: string;
}

export interface LeaseRenewal {
  readonly amount?: string;
  readonly ttlMs?: number;
  readonly idempotencyKey: string;
}

/** `lease_` and a ULID; what has another form names no lease of anybody. */
const LEASE_ID = /^lease_[0-9A-HJKMNP-TV-Z]{26}$/;

/** Leases of the caller's organization; another's look as if they were not there. */
export class UseLeases {
  constructor(private readonly leases: Leases) {}

  open(principal: Principal, order: LeaseOrder): Promise<LeaseAnswer> {
    requireCurrency(principal, order.currency);
    return this.leases.open({
      organization_id: principal.organizationId,
      currency: order.currency,
      amount: order.amount,
      ttl_ms: order.ttlMs,
      holder: order.holder,
      reference: order.idempotencyKey,
    });
  }

  renew(principal: Principal, leaseId: string, renewal: LeaseRenewal): Promise<LeaseAnswer> {
    const { amount, ttlMs } = renewal;
    return this.leases.renew({
      ...toRef(principal, leaseId),
      ...(amount === undefined ? {} : { amount }),
      ...(ttlMs === undefined ? {} : { ttl_ms: ttlMs }),
      reference: renewal.idempotencyKey,
    });
  }

  close(principal: Principal, leaseId: string): Promise<LeaseAnswer> {
    return this.leases.close(toRef(principal, leaseId));
  }

  async read(principal: Principal, leaseId: string): Promise<LeaseView> {
    const lease = await this.leases.read(toRef(principal, leaseId));
    if (!lease) throw notFound();
    return lease;
  }

  list(
    { organizationId, currency }: Principal,
    page: { limit: number; afterId?: string; state?: LeaseState },
  ): Promise<LeasePage> {
    const { limit, afterId, state } = page;
    if (afterId !== undefined && !LEASE_ID.test(afterId)) throw unknownCursor();
    return this.leases.list({
      organization_id: organizationId,
      currency,
      limit,
      ...(afterId === undefined ? {} : { after_id: afterId }),
      ...(state === undefined ? {} : { state }),
    });
  }
}

function toRef(
  { organizationId }: Principal,
  leaseId: string,
): { organization_id: string; lease_id: string } {
  if (!LEASE_ID.test(leaseId)) throw notFound();
  return { organization_id: organizationId, lease_id: leaseId };
}

const notFound = (): OrbitError => new OrbitError('not_found', 'There is no such lease.');
