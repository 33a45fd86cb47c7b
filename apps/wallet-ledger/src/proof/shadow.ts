/**
 * What `orbit replay --shadow` needs of the ledger: messages read as the consumers read them, and one wallet's
 * history decided again by the code that decides live. Starts nothing and connects to nothing.
 */
import type { ChargeRequested, TopUpCompleted } from '@orbit/events';
import { ZERO_MICROS } from '@orbit/money';
import { chargeReference } from '../books/domain/identifiers.js';
import {
  redecideWallet,
  type HistoricCommand,
  type RedecidedWallet,
} from './application/redecide-wallet.js';
import { ACCOUNTS, ENTRY_TYPES, type Block, type Entry } from '../books/domain/wallet.js';
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

/** The command of a message and the reference it books under; null when it can never be one. */
export function readCommand(
  topic: ShadowTopic,
  value: unknown,
): { readonly command: HistoricCommand; readonly reference: string } | null {
  if (typeof value !== 'object' || value === null) return null;
  try {
    const command =
      topic === 'charge.requested'
        ? toCharge(
            { value: value as ChargeRequested, headers: {} },
            // How much was held is of no account: it posts what it posted.
            saysAuthorized(value as ChargeRequested) ? ZERO_MICROS : null,
          )
        : toCredit(value as TopUpCompleted);
    if (typeof command === 'string') return null;
    if (command.kind === 'charge') {
      return { command, reference: chargeReference(command.charge.chargeId) };
    }
    return command.kind === 'credit' ? { command, reference: command.credit.reference } : null;
  } catch {
    // Not of this topic's shape: it lies with the dead letters.
    return null;
  }
}

/** Whether the ledger believed it then is on record, not in the message: see `redecideWallet`. */
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
