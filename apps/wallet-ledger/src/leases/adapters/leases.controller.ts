import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  LEASE_RPC,
  LEASE_STATES,
  LEASE_TTL_MS_MAX,
  LEASE_TTL_MS_MIN,
  OrbitError,
  type LeaseAnswer,
  type LeaseListQuery,
  type LeasePage,
  type LeaseRef,
  type LeaseView,
  type OpenLease,
  type RenewLease,
} from '@orbit/contracts';
import { ZERO_MICROS } from '@orbit/money';
import { ManageLeases } from '../application/manage-leases.js';
import { readPositive, toKey } from '../../books/adapters/requests.js';

const REFERENCE = /^[!-~]{1,255}$/;
const HOLDER_LENGTH_MAX = 200;
const PAGE_SIZE_MAX = 200;

/** Money set aside for one process, over Nest TCP. */
@Controller()
export class LeasesController {
  constructor(private readonly leases: ManageLeases) {}

  @MessagePattern(LEASE_RPC.open)
  open(request: OpenLease): Promise<LeaseAnswer> {
    return this.leases.open(toKey(request), {
      reference: readReference(request.reference),
      amountMicros: readPositive(request.amount, 'amount'),
      ttlMs: readTtl(request.ttl_ms),
      holder: readHolder(request.holder),
    });
  }

  @MessagePattern(LEASE_RPC.renew)
  renew(request: RenewLease): Promise<LeaseAnswer> {
    const { amount, ttl_ms: ttlMs } = request;
    if (amount === undefined && ttlMs === undefined) {
      throw invalid('amount', 'A renewal gives amount, ttl or both.');
    }
    return this.leases.renew(request.organization_id, request.lease_id, {
      reference: readReference(request.reference),
      amountMicros: amount === undefined ? ZERO_MICROS : readPositive(amount, 'amount'),
      ttlMs: ttlMs === undefined ? 0 : readTtl(ttlMs),
    });
  }

  @MessagePattern(LEASE_RPC.close)
  close({ organization_id: organizationId, lease_id: leaseId }: LeaseRef): Promise<LeaseAnswer> {
    return this.leases.close(organizationId, leaseId);
  }

  @MessagePattern(LEASE_RPC.read)
  read({
    organization_id: organizationId,
    lease_id: leaseId,
  }: LeaseRef): Promise<LeaseView | null> {
    return this.leases.read(organizationId, leaseId);
  }

  @MessagePattern(LEASE_RPC.list)
  list(query: LeaseListQuery): Promise<LeasePage> {
    const { state = null, limit, after_id: afterId = null } = query;
    if (state !== null && !LEASE_STATES.includes(state)) {
      throw invalid('state', `state is one of ${LEASE_STATES.join(', ')}.`);
    }
    if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_SIZE_MAX) {
      throw invalid('limit', `limit is an integer from 1 to ${PAGE_SIZE_MAX}.`);
    }
    return this.leases.list(toKey(query), { state, limit, afterId });
  }
}

function readTtl(value: unknown): number {
  const isIn =
    Number.isInteger(value) &&
    (value as number) >= LEASE_TTL_MS_MIN &&
    (value as number) <= LEASE_TTL_MS_MAX;
  if (isIn) return value as number;
  throw invalid('ttl_ms', `ttl_ms is from ${LEASE_TTL_MS_MIN} to ${LEASE_TTL_MS_MAX}.`);
}

function readReference(value: unknown): string {
  if (typeof value === 'string' && REFERENCE.test(value)) return value;
  throw invalid('reference', 'reference is 1 to 255 visible ASCII characters.');
}

function readHolder(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' && value !== '' && value.length <= HOLDER_LENGTH_MAX) return value;
  throw invalid('holder', `holder is a text of at most ${HOLDER_LENGTH_MAX} characters.`);
}

function invalid(param: string, message: string): OrbitError {
  return new OrbitError('invalid_field', message, { param });
}
