import { isoInstant } from '@orbit/kernel';
import { formatAmount, micros } from '@orbit/money';
import { ExactNumber } from '@orbit/orb-api';
import type { OrbCustomerRef } from '@orbit/contracts';
import { blockId } from '../../books/domain/identifiers.js';
import type { Block } from '../../books/domain/wallet.js';
import { blockStanding } from '../../blocks/domain/blocks-state.js';
import type { StatementRow } from '../domain/statement.js';
import type { BlockWithTerms, RowWithBlock } from './credit-ports.js';
import type { SoldBlock } from './sale-ports.js';

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : isoInstant(ms));

/** A JSON number with exactly the digits that the amount has. */
export function amountNumber(amountMicros: bigint): ExactNumber {
  const magnitude = amountMicros < 0n ? -amountMicros : amountMicros;
  const fraction = (magnitude % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '');
  const text = `${magnitude / 1_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
  return new ExactNumber(amountMicros < 0n ? `-${text}` : text);
}

/** The number of the block that stands for what no block covers; no entry has it. */
export const OVERDRAFT = 0n;

/** The cost of one unit of it; null where nobody said so. */
export function costBasisOf({ perUnitCostBasis, block }: BlockWithTerms): string | null {
  if (perUnitCostBasis !== null) return perUnitCostBasis;
  if (block.kind === 'promotional' && block.costBasisMicros === 0n) return null;
  return formatAmount(micros(block.costBasisMicros), 'USD');
}

/** The part of a block that counts in the balance: without expired credit, without credit set aside for usage. */
const balanceOf = (block: Block, nowMs: number, pendingMicros: bigint): bigint => {
  const left = blockStanding(block, 0n, nowMs).remainingMicros;
  return left > pendingMicros ? left - pendingMicros : 0n;
};

/** The id under which /v1 knows a block. */
const idOf = ({ publicId, walletNo, block }: BlockWithTerms): string =>
  publicId ?? blockId(walletNo, block.sequence);

/** `pendingMicros`: what is set aside of it for usage that is on no invoice yet. */
export const blockView = (
  one: BlockWithTerms,
  nowMs: number,
  pendingMicros = 0n,
): Record<string, unknown> => ({
  id: idOf(one),
  balance: amountNumber(balanceOf(one.block, nowMs, pendingMicros)),
  effective_date: isoInstant(one.block.effectiveAtMs),
  expiry_date: isoOrNull(one.block.expiresAtMs),
  per_unit_cost_basis: costBasisOf(one),
  status: 'active',
  maximum_initial_balance: amountNumber(one.block.amountMicros),
  filters: [],
  metadata: one.metadata,
  credit_block_source: one.source,
  credit_allocation: null,
  credit_commitment: null,
});

/** A block that waits for its payment: no credit yet, so no part of the balance. */
export const pendingView = (sold: SoldBlock): Record<string, unknown> => ({
  id: sold.id,
  balance: amountNumber(sold.amountMicros),
  effective_date: isoOrNull(sold.effectiveAtMs),
  expiry_date: isoOrNull(sold.expiresAtMs),
  per_unit_cost_basis: sold.call.body['per_unit_cost_basis'] ?? null,
  status: 'pending_payment',
  maximum_initial_balance: amountNumber(sold.amountMicros),
  filters: [],
  metadata: sold.metadata,
  credit_block_source: sold.source,
  credit_allocation: null,
  credit_commitment: null,
});

/** Its increment, which stands after all that is booked. */
export const pendingRowView = (
  sold: SoldBlock,
  number: bigint,
  balanceMicros: bigint,
): Record<string, unknown> => ({
  id: sold.id.replace('blk', 'cle'),
  ledger_sequence_number: Number(number),
  ...{ entry_status: 'pending', entry_type: 'increment' },
  customer: {
    id: sold.key.organizationId,
    external_customer_id: sold.call.customer?.external_customer_id ?? null,
  },
  starting_balance: amountNumber(balanceMicros),
  ending_balance: amountNumber(balanceMicros),
  amount: amountNumber(sold.amountMicros),
  currency: sold.key.currency,
  created_at: isoInstant(sold.createdAtMs),
  description: sold.call.body['description'] ?? null,
  metadata: sold.metadata,
  credit_block: {
    id: sold.id,
    expiry_date: isoOrNull(sold.expiresAtMs),
    per_unit_cost_basis: sold.call.body['per_unit_cost_basis'] ?? null,
    filters: [],
  },
  created_invoices: null,
});

/** A draw that the invoice of its usage will book. */
export interface PendingUse {
  readonly walletNo: bigint;
  /** Of its block. */
  readonly sequence: bigint;
  readonly block: BlockWithTerms | null;
  readonly lineId: string;
  readonly priceId: string | null;
  readonly usedAtMs: number;
  readonly amountMicros: bigint;
  readonly startingMicros: bigint;
  readonly endingMicros: bigint;
}

/** Usage of one local day, price and block, which stands after all that is booked. */
export const pendingUseView = (
  use: PendingUse,
  number: bigint,
  customer: OrbCustomerRef,
  currency: string,
): Record<string, unknown> => ({
  id: `cle_use_${use.lineId}_${String(use.usedAtMs / 1_000)}_${String(use.sequence)}`,
  ledger_sequence_number: Number(number),
  ...{ entry_status: 'pending', entry_type: 'decrement' },
  customer: { id: customer.id, external_customer_id: customer.external_customer_id },
  starting_balance: amountNumber(use.startingMicros),
  ending_balance: amountNumber(use.endingMicros),
  amount: amountNumber(-use.amountMicros),
  currency,
  created_at: isoInstant(use.usedAtMs),
  ...{ description: null, metadata: {} },
  credit_block: {
    id: use.block ? idOf(use.block) : blockId(use.walletNo, use.sequence),
    expiry_date: isoOrNull(use.block?.block.expiresAtMs ?? null),
    per_unit_cost_basis: use.block ? costBasisOf(use.block) : null,
    filters: [],
  },
  ...{ price_id: use.priceId, invoice_id: null, event_id: null },
});

/** The customer's debt, as a block below zero: the blocks of a list add up to the balance. */
export const debtView = (walletNo: bigint, debtMicros: bigint): Record<string, unknown> => ({
  id: blockId(walletNo, OVERDRAFT),
  balance: amountNumber(-debtMicros),
  effective_date: null,
  expiry_date: null,
  per_unit_cost_basis: null,
  status: 'active',
  maximum_initial_balance: null,
  filters: [],
  metadata: {},
  credit_block_source: 'manual',
  credit_allocation: null,
  credit_commitment: null,
});

/** The context in which a row is shown. */
export interface RowContext {
  readonly walletNo: bigint;
  readonly currency: string;
  readonly customer: OrbCustomerRef;
}

export function rowView(
  { row, block }: RowWithBlock,
  context: RowContext,
): Record<string, unknown> {
  const { walletNo, currency, customer } = context;
  return {
    id: rowId(walletNo, row.number),
    ledger_sequence_number: Number(row.number),
    entry_status: 'committed',
    entry_type: row.type,
    customer: { id: customer.id, external_customer_id: customer.external_customer_id },
    starting_balance: amountNumber(row.startingMicros),
    ending_balance: amountNumber(row.endingMicros),
    amount: amountNumber(row.amountMicros),
    currency,
    created_at: isoInstant(row.createdAtMs),
    description: row.description,
    // A block's metadata can change, and its increment shows them.
    metadata: row.type === 'increment' ? (block?.metadata ?? {}) : row.metadata,
    credit_block: {
      id: block ? idOf(block) : blockId(walletNo, row.blockSequence ?? OVERDRAFT),
      expiry_date: isoOrNull(block?.block.expiresAtMs ?? null),
      per_unit_cost_basis: block ? costBasisOf(block) : null,
      filters: [],
    },
    ...ofType(row),
  };
}

function ofType(row: StatementRow): Record<string, unknown> {
  switch (row.type) {
    case 'increment':
      return { created_invoices: null };
    case 'decrement':
      return { price_id: row.priceId, invoice_id: row.invoiceId, event_id: null };
    case 'expiration_change':
      return { new_block_expiry_date: isoOrNull(row.newExpiryAtMs) };
    case 'void':
      return { void_reason: row.voidReason, void_amount: amountNumber(row.voidMicros ?? 0n) };
    case 'void_initiated':
      return {
        new_block_expiry_date: isoOrNull(row.newExpiryAtMs),
        void_reason: row.voidReason,
        void_amount: amountNumber(row.voidMicros ?? 0n),
      };
    case 'credit_block_expiry':
    case 'amendment':
      return {};
  }
}

/** The id of a row of the credit ledger: "cle_1_2s". */
const rowId = (walletNo: bigint, number: bigint): string =>
  blockId(walletNo, number).replace('blk', 'cle');
