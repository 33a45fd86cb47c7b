import {
  OrbitError,
  unknownCursor,
  type LeaseAnswer,
  type LeasePage,
  type LeaseState,
  type LeaseView,
} from '@orbit/contracts';
import { invariant, newId, type Clock } from '@orbit/kernel';
import { formatAmount, ZERO_MICROS, type Micros } from '@orbit/money';
import { remainingMicros, returnedMicros } from '../../books/domain/escrow.js';
import {
  closeLease,
  LEASES_OPEN_MAX,
  openLease,
  renewLease,
  type LeaseOutcome,
} from '../domain/lease.js';
import type { Escrow } from '../../books/domain/wallet.js';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { ChangeCommand } from '../../books/application/commands.js';
import type { EndLeases } from './end-leases.js';
import type { LeaseReader, LeaseRecord } from './lease-ports.js';
import type { WalletKey } from '../../books/application/ports.js';
import { requireTrusted } from '../../books/application/require-trusted.js';

export interface OpenLeaseOrder {
  readonly reference: string;
  readonly amountMicros: Micros;
  readonly ttlMs: number;
  readonly holder: string | null;
}

export interface RenewLeaseOrder {
  readonly reference: string;
  /** 0: time alone. */
  readonly amountMicros: Micros;
  /** 0: money alone. */
  readonly ttlMs: number;
}

/** Leases as other services ask for them. Errors: OrbitError of the refusals. */
export class ManageLeases {
  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly reader: LeaseReader,
    private readonly endLeases: EndLeases,
    private readonly clock: Clock,
  ) {}

  async open(key: WalletKey, order: OpenLeaseOrder): Promise<LeaseAnswer> {
    await requireTrusted(this.changeWallet, key);
    const reference = `lease:${order.reference}`;
    const leaseId = newId('lease', this.clock.nowMs());
    const request = { ...order, reference, leaseId };
    return this.decide(
      key,
      reference,
      {
        reads: { escrows: [reference], grants: [reference] },
        claims: (_wallet, { fundingOf }) =>
          fundingOf(reference) === undefined ? order.amountMicros : ZERO_MICROS,
      },
      (draft, context) => openLease(draft, request, context),
      `The wallet has ${LEASES_OPEN_MAX} leases, refunds and disputes open. Close a lease first.`,
    );
  }

  async renew(
    organizationId: string,
    leaseId: string,
    order: RenewLeaseOrder,
  ): Promise<LeaseAnswer> {
    const { key } = await this.find(organizationId, leaseId);
    if (order.amountMicros > 0n) await requireTrusted(this.changeWallet, key);
    const reference = `renew:${leaseId}:${order.reference}`;
    const request = { ...order, reference, leaseId };
    return this.decide(
      key,
      reference,
      {
        reads: { escrows: [leaseId], grants: [reference] },
        claims: (_wallet, { fundingOf }) =>
          fundingOf(reference) === undefined ? order.amountMicros : ZERO_MICROS,
      },
      (draft, context) => renewLease(draft, request, context),
      'The lease is closed or past its end. Open a new one.',
    );
  }

  /**
   * Ends a lease whose owner has published all its charges. Waits a moment for the ledger to have read
   * them; when it has not, the answer is `closing`, and what is left comes back by itself.
   */
  async close(organizationId: string, leaseId: string): Promise<LeaseAnswer> {
    const { key, lease } = await this.find(organizationId, leaseId);
    if (lease.state === 'closed') return { lease: leaseView(key, lease), replayed: true };
    const closing = await this.decide(
      key,
      `close:${leaseId}`,
      { reads: { escrows: [leaseId] } },
      (draft, context) => closeLease(draft, leaseId, context),
    );
    const ended = await this.endLeases.finishSoon(key, leaseId);
    return ended ? { ...closing, lease: leaseView(key, ended) } : closing;
  }

  async read(organizationId: string, leaseId: string): Promise<LeaseView | null> {
    const found = await this.reader.find(organizationId, leaseId);
    return found && leaseView(found.key, found.lease);
  }

  async list(
    key: WalletKey,
    filter: { state: LeaseState | null; limit: number; afterId: string | null },
  ): Promise<LeasePage> {
    const { afterId } = filter;
    if (afterId !== null && !(await this.reader.find(key.organizationId, afterId)))
      throw unknownCursor();
    const found = await this.reader.list(key, { ...filter, limit: filter.limit + 1 });
    const page = found.slice(0, filter.limit);
    return {
      leases: page.map((lease) => leaseView(key, lease)),
      has_more: found.length > filter.limit,
    };
  }

  private async find(organizationId: string, leaseId: string): Promise<LeaseRecord> {
    const found = await this.reader.find(organizationId, leaseId);
    if (!found) throw new OrbitError('not_found', 'There is no such lease.');
    return found;
  }

  /** One change; `decide` may run again when another writer was first, and its last outcome counts. */
  private async decide(
    key: WalletKey,
    claimId: string,
    command: Pick<ChangeCommand, 'reads' | 'claims'>,
    decide: (...parameters: Parameters<ChangeCommand['apply']>) => LeaseOutcome,
    conflict?: string,
  ): Promise<LeaseAnswer> {
    let last: LeaseOutcome | undefined;
    const apply: ChangeCommand['apply'] = (draft, context) => {
      last = decide(draft, context);
      return last;
    };
    await this.changeWallet.change(
      { kind: 'change', key, reference: null, ...command, apply },
      claimId,
      conflict,
    );
    invariant(last?.status === 'changed', 'a change that was not refused has a lease');
    return { lease: leaseView(key, last.lease), replayed: last.isReplay };
  }
}

export function leaseView({ organizationId, currency }: WalletKey, lease: Escrow): LeaseView {
  const iso = (ms: number): string => new Date(ms).toISOString();
  invariant(lease.expiresAtMs !== null, 'a lease has an end');
  return {
    lease_id: lease.escrowId,
    organization_id: organizationId,
    currency,
    state: lease.state,
    holder: lease.holder,
    granted: formatAmount(lease.grantedMicros, currency),
    spent: formatAmount(lease.spentMicros, currency),
    remaining: formatAmount(remainingMicros(lease), currency),
    returned: formatAmount(returnedMicros(lease), currency),
    opened_at: iso(lease.openedAtMs),
    expires_at: iso(lease.expiresAtMs),
    closed_at: lease.closedAtMs === null ? null : iso(lease.closedAtMs),
  };
}
