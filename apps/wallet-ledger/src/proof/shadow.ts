/**
 * The ledger's part of `orbit replay --shadow`: messages read as the consumers read them, and one wallet's history
 * decided again by the code that decides live. Starts nothing and connects to nothing.
 */
import {
  ALLOWANCE_KEY,
  readAllowance,
  splitOf,
  walletShare,
  withoutShare,
} from '@orbit/allowances';
import { ratedAsFirst } from '@orbit/contracts';
import {
  isByPrice,
  type ChargeRequested,
  type ChargeRequestedByPrice,
  type TopUpCompleted,
} from '@orbit/events';
import { ZERO_MICROS } from '@orbit/money';
import type { ChargeCommand } from '../books/application/commands.js';
import { chargeReference } from '../books/domain/identifiers.js';
import {
  redecideWallet,
  type HistoricCommand,
  type RedecidedWallet,
} from './application/redecide-wallet.js';
import { ACCOUNTS, ENTRY_TYPES, type Block, type Entry } from '../books/domain/wallet.js';
import { inMoney } from '../charges/application/rate-charges.js';
import { leaseOf, toCommand as toCharge } from '../charges/adapters/charge-requested.consumer.js';
import { toCommand as toCredit } from '../payments/adapters/topup-completed.consumer.js';
import {
  blockFromRow,
  entryFromRow,
  walletFromRow,
  type BlockRow,
  type EntryRow,
  type WalletRow,
} from '../books/adapters/ledger-store.mapping.js';

/** Topics whose messages can be decided again. */
export const SHADOW_TOPICS = ['charge.requested', 'topup.completed'] as const;
export type ShadowTopic = (typeof SHADOW_TOPICS)[number];

/** A charge as its entry has it; a message that names a price says neither amount nor wallet. */
export interface BookedRow {
  readonly currency: string;
  readonly channel: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

export interface ReadMessage {
  /** Currency '': the entry alone has it, because the message names a price. */
  readonly key: { readonly organizationId: string; readonly currency: string };
  /** The reference that it books under. */
  readonly reference: string;
  /** Null: it names a price, and `booked` was not given or is another charge's. */
  readonly command: HistoricCommand | null;
}

/**
 * A message as its consumer reads it; null when it can never be a command. A charge by price is decided again with the
 * version of the card that its entry names, whatever cards were published since.
 */
export function readCommand(
  topic: ShadowTopic,
  value: unknown,
  booked?: BookedRow,
): ReadMessage | null {
  if (typeof value !== 'object' || value === null) return null;
  try {
    if (topic === 'charge.requested') return readCharge(value as ChargeRequested, booked);
    const command = toCredit(value as TopUpCompleted);
    if (typeof command === 'string' || command.kind !== 'credit') return null;
    return { key: command.key, reference: command.credit.reference, command };
  } catch {
    // Not of this topic's shape: it lies with the dead letters.
    return null;
  }
}

function readCharge(
  value: ChargeRequested | ChargeRequestedByPrice,
  booked?: BookedRow,
): ReadMessage | null {
  const charge = isByPrice(value) ? asBooked(value, booked) : value;
  if (charge === null) {
    const { organization_id: organizationId, charge_id: chargeId } = value;
    const key = { organizationId, currency: '' };
    return { key, reference: chargeReference(chargeId), command: null };
  }
  // How much was held is of no account: it posts what it posted.
  const heldMicros = saysAuthorized(charge) ? ZERO_MICROS : null;
  const command = toCharge({ value: charge, headers: {} }, heldMicros);
  if (typeof command === 'string') return null;
  const reference = chargeReference(command.charge.chargeId);
  return { key: command.key, reference, command: ownPartOf(command, booked) };
}

/**
 * A charge without an authorization as its wallet paid it: its entry names the part that a plan paid, and its message
 * cannot. What a message says of plans without an authorization counts for nothing.
 */
function ownPartOf(command: ChargeCommand, booked: BookedRow | undefined): ChargeCommand {
  if (command.charge.isAuthorized) return command;
  const charge = withoutShare(command.charge);
  const part = readAllowance(booked?.metadata?.[ALLOWANCE_KEY]);
  if (part === null || part.quantity >= charge.quantity) return { ...command, charge };
  const split = splitOf(charge, part.unit, part.quantity);
  return { ...command, charge: walletShare(charge, command.key.currency, split) ?? charge };
}

/** Null also where a plan paid some of it: the message then says nothing of what fell on this wallet. */
function asBooked(
  value: ChargeRequestedByPrice,
  booked: BookedRow | undefined,
): ChargeRequested | null {
  const { channel = null, metadata = null } = booked ?? {};
  if (!booked || channel === null || metadata === null) return null;
  const rated = ratedAsFirst({ currency: booked.currency, channel, metadata }, value);
  if (rated === null || rated.currency !== booked.currency) return null;
  return ALLOWANCE_KEY in metadata ? null : inMoney(value, rated);
}

/** Whether the ledger trusted it then is on record, not in the message: see `redecideWallet`. */
const saysAuthorized = (value: ChargeRequested): boolean =>
  typeof value.authorization_id === 'string' && leaseOf(value) === null;

export interface HistoryRows {
  readonly wallet: WalletRow;
  readonly entries: readonly EntryRow[];
  readonly blocks: readonly BlockRow[];
  readonly escrows: readonly { readonly opened_at: Date; readonly closed_at: Date | null }[];
  /** By reference. */
  readonly commands: ReadonlyMap<string, HistoricCommand>;
}

/** Rows in, rows out, of the ledger's own tables. */
export function redecideRows(rows: HistoryRows): RedecidedWallet & {
  readonly entryRows: readonly object[];
  readonly blockRows: readonly object[];
} {
  const blocks = rows.blocks.map(blockFromRow);
  const redecided = redecideWallet({
    wallet: walletFromRow(rows.wallet, [], []),
    entries: rows.entries.map(entryFromRow),
    blocks,
    escrowTimes: rows.escrows.map((escrow) => ({
      fromMs: escrow.opened_at.getTime(),
      toMs: escrow.closed_at?.getTime() ?? null,
    })),
    commandOf: (reference) => rows.commands.get(reference),
  });
  const walletNo = BigInt(rows.wallet.wallet_no);
  return {
    ...redecided,
    entryRows: redecided.entries.map(entryToRow),
    blockRows: redecided.blocks.map((block) => blockToRow(walletNo, block)),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

function entryToRow(entry: Entry): object {
  return {
    wallet_no: String(entry.walletNo),
    sequence: String(entry.sequence),
    type: ENTRY_TYPES[entry.type],
    from_account: ACCOUNTS[entry.from],
    to_account: ACCOUNTS[entry.to],
    slice: entry.slice,
    amount_micros: String(entry.amountMicros),
    balance_after_micros: String(entry.balanceAfterMicros),
    block_sequence: entry.blockSequence === null ? null : String(entry.blockSequence),
    quantity: entry.quantity,
    occurred_at: iso(entry.occurredAtMs),
    booked_at: iso(entry.bookedAtMs),
    reference: entry.reference,
    channel: entry.channel,
    metadata: entry.metadata,
    authorized_by: entry.authorizedBy,
  };
}

function blockToRow(walletNo: bigint, block: Block): object {
  return {
    wallet_no: String(walletNo),
    sequence: String(block.sequence),
    kind: block.kind,
    priority: block.priority,
    cost_basis_micros: String(block.costBasisMicros),
    amount_micros: String(block.amountMicros),
    remaining_micros: String(block.remainingMicros),
    expired_micros: String(block.expiredMicros),
    repaid_micros: String(block.repaidMicros),
    voided_at: block.voidedAtMs === null ? null : iso(block.voidedAtMs),
    effective_at: iso(block.effectiveAtMs),
    expires_at: block.expiresAtMs === null ? null : iso(block.expiresAtMs),
    created_at: iso(block.createdAtMs),
  };
}
