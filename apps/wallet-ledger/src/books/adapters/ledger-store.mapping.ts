import type { ChargeRejection } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { isCurrency, micros } from '@orbit/money';
import {
  ACCOUNTS,
  ENTRY_TYPES,
  type Account,
  type AlertLevel,
  type Block,
  type Entry,
  type EntryType,
  type Escrow,
  type LeaseFunding,
  type OutagePolicy,
  type Wallet,
} from '../domain/wallet.js';
import type { BlockReason } from '@orbit/contracts';
import type { Rejection } from '../application/ports.js';

const nameByCode = <T extends string>(codes: Readonly<Record<T, number>>): ReadonlyMap<number, T> =>
  new Map(Object.entries<number>(codes).map(([name, code]) => [code, name as T]));
const accountByCode = nameByCode<Account>(ACCOUNTS);
const typeByCode = nameByCode<EntryType>(ENTRY_TYPES);

/** `pg` gives bigint as text and timestamptz as Date. */
export interface WalletRow {
  wallet_no: string;
  wallet_id: string;
  organization_id: string;
  currency: string;
  balance_micros: string;
  sequence: string;
  version: string;
  overdraft_micros: string;
  low_balance_micros: string | null;
  alert_level: string;
  awaits_spend: boolean;
  paused_reason: string | null;
  last_topped_up_at: Date | null;
  rejected_count: string;
  late_usage_grace_ms: string;
  settles_late: boolean;
  outage_policy: string;
  outage_budget_micros: string;
  created_at: Date;
  /** Where the clock of its account stands. */
  stands_at: Date | null;
}

export interface EscrowRow {
  wallet_no: string;
  escrow_id: string;
  kind: string;
  state: string;
  reference: string;
  holder: string | null;
  granted_micros: string;
  spent_micros: string;
  slices: { block: string | null; amount: string }[];
  opened_at: Date;
  expires_at: Date | null;
  closed_at: Date | null;
}

export interface FundingRow {
  wallet_no: string;
  reference: string;
  escrow_id: string;
  amount_micros: string;
  ttl_ms: string;
  granted_at: Date;
}

export interface BlockRow {
  wallet_no: string;
  sequence: string;
  kind: string;
  priority: number;
  cost_basis_micros: string;
  amount_micros: string;
  remaining_micros: string;
  expired_micros: string;
  repaid_micros: string;
  effective_at: Date;
  expires_at: Date | null;
  created_at: Date;
  voided_at: Date | null;
}

export interface EntryRow {
  wallet_no: string;
  sequence: string;
  type: number;
  from_account: number;
  to_account: number;
  slice: number;
  notices: number;
  amount_micros: string;
  balance_after_micros: string;
  block_sequence: string | null;
  quantity: number | null;
  occurred_at: Date;
  booked_at: Date;
  reference: string;
  channel: string | null;
  metadata: Record<string, unknown> | null;
  authorized_by: string | null;
}

export interface RejectionRow {
  wallet_no: string;
  charge_id: string;
  reason: string;
  amount_micros: string;
  channel: string;
  rejected_at: Date;
}

export function walletFromRow(
  row: WalletRow,
  blocks: readonly Block[],
  escrows: readonly Escrow[],
): Wallet {
  invariant(isCurrency(row.currency), `wallet ${row.wallet_id} has a known currency`);
  return {
    walletNo: BigInt(row.wallet_no),
    walletId: row.wallet_id,
    organizationId: row.organization_id,
    currency: row.currency,
    balanceMicros: micros(BigInt(row.balance_micros)),
    sequence: BigInt(row.sequence),
    version: BigInt(row.version),
    overdraftMicros: micros(BigInt(row.overdraft_micros)),
    lowBalanceMicros:
      row.low_balance_micros === null ? null : micros(BigInt(row.low_balance_micros)),
    alertLevel: row.alert_level as AlertLevel,
    awaitsSpend: row.awaits_spend,
    pausedReason: row.paused_reason as BlockReason | null,
    lastToppedUpAtMs: row.last_topped_up_at?.getTime() ?? null,
    rejectedCount: BigInt(row.rejected_count),
    lateUsageGraceMs: Number(row.late_usage_grace_ms),
    allowsLateCapture: row.settles_late,
    standsAtMs: row.stands_at?.getTime() ?? null,
    outagePolicy: row.outage_policy as OutagePolicy,
    outageBudgetMicros: micros(BigInt(row.outage_budget_micros)),
    blocks,
    escrows,
  };
}

export function escrowFromRow(row: EscrowRow): Escrow {
  return {
    walletNo: BigInt(row.wallet_no),
    escrowId: row.escrow_id,
    kind: row.kind as Escrow['kind'],
    state: row.state as Escrow['state'],
    reference: row.reference,
    holder: row.holder,
    grantedMicros: micros(BigInt(row.granted_micros)),
    spentMicros: micros(BigInt(row.spent_micros)),
    slices: row.slices.map(({ block, amount }) => ({
      blockSequence: block === null ? null : BigInt(block),
      amountMicros: micros(BigInt(amount)),
    })),
    openedAtMs: row.opened_at.getTime(),
    expiresAtMs: row.expires_at?.getTime() ?? null,
    closedAtMs: row.closed_at?.getTime() ?? null,
  };
}

export function fundingFromRow(row: FundingRow): LeaseFunding {
  return {
    walletNo: BigInt(row.wallet_no),
    escrowId: row.escrow_id,
    reference: row.reference,
    amountMicros: micros(BigInt(row.amount_micros)),
    ttlMs: Number(row.ttl_ms),
    grantedAtMs: row.granted_at.getTime(),
  };
}

export function blockFromRow(row: BlockRow): Block {
  return {
    sequence: BigInt(row.sequence),
    kind: row.kind as Block['kind'],
    priority: row.priority,
    costBasisMicros: BigInt(row.cost_basis_micros),
    amountMicros: micros(BigInt(row.amount_micros)),
    remainingMicros: micros(BigInt(row.remaining_micros)),
    expiredMicros: micros(BigInt(row.expired_micros)),
    repaidMicros: micros(BigInt(row.repaid_micros)),
    effectiveAtMs: row.effective_at.getTime(),
    expiresAtMs: row.expires_at?.getTime() ?? null,
    createdAtMs: row.created_at.getTime(),
    voidedAtMs: row.voided_at?.getTime() ?? null,
  };
}

export function entryFromRow(row: EntryRow): Entry {
  const type = typeByCode.get(row.type);
  const from = accountByCode.get(row.from_account);
  const to = accountByCode.get(row.to_account);
  invariant(type && from && to, `entry ${row.wallet_no}/${row.sequence} has known codes`);
  return {
    walletNo: BigInt(row.wallet_no),
    sequence: BigInt(row.sequence),
    type,
    from,
    to,
    slice: row.slice,
    notices: row.notices,
    amountMicros: micros(BigInt(row.amount_micros)),
    balanceAfterMicros: micros(BigInt(row.balance_after_micros)),
    blockSequence: row.block_sequence === null ? null : BigInt(row.block_sequence),
    quantity: row.quantity,
    occurredAtMs: row.occurred_at.getTime(),
    bookedAtMs: row.booked_at.getTime(),
    reference: row.reference,
    channel: row.channel,
    metadata: row.metadata,
    authorizedBy: row.authorized_by,
  };
}

export function rejectionFromRow(row: RejectionRow): Rejection {
  return {
    walletNo: BigInt(row.wallet_no),
    chargeId: row.charge_id,
    reason: row.reason as ChargeRejection,
    amountMicros: micros(BigInt(row.amount_micros)),
    channel: row.channel,
    rejectedAtMs: row.rejected_at.getTime(),
  };
}
