import type { ChargeOutcomeView } from '@orbit/contracts';
import type {
  BalanceAlert,
  ChargePosted,
  ChargeRejected,
  CreditTakenBack,
  Metadata,
  WalletPauseChange,
} from '@orbit/events';
import { invariant, isoInstant } from '@orbit/kernel';
import { formatAmount, micros, type Micros } from '@orbit/money';
import { blockId, entryId } from '../domain/identifiers.js';
import { spentOf, takingOf } from '../domain/entry-kinds.js';
import { NOTICES, type Charge, type Entry, type Notice, type Wallet } from '../domain/wallet.js';
import { postedView, rejectedView, totalMicros } from './wallet-views.js';
import type { CommandResult, LedgerCommand, WalletIdentity } from './commands.js';
import type { LedgerEvent } from './ports.js';

/** All events of one result; the ids are stable, so a replay publishes the same. */
export function eventsOf(command: LedgerCommand, result: CommandResult): LedgerEvent[] {
  if (result.status === 'refused') return [];
  const key = command.key.organizationId;
  if (result.status === 'rejected') {
    if (command.kind !== 'charge' || isPassedOn(command, result)) return [];
    const value = rejectedValue(command.charge, result.wallet, result.reason, result.atMs);
    return [
      {
        topic: 'charge.rejected',
        id: `rejected:${result.wallet.walletNo}:${value.charge_id}:${value.reason}`,
        key,
        value,
      },
    ];
  }
  const events: LedgerEvent[] = [];
  if (command.kind === 'charge') {
    const value = postedValue(command.charge.chargeId, result.wallet, result.entries);
    events.push({
      topic: 'charge.posted',
      id: `posted:${entryId(result.wallet.walletNo, BigInt(value.sequence))}`,
      key,
      value,
    });
  }
  for (const entry of result.entries) {
    if (entry.notices === 0) continue;
    const { balanceAfterMicros, bookedAtMs } = entry;
    const id = entryId(entry.walletNo, entry.sequence);
    const crossed = { ...entry, id, balanceMicros: balanceAfterMicros, atMs: bookedAtMs };
    events.push(...noticesOf(result.wallet, crossed));
  }
  events.push(...takenBackEvents(result.wallet, result.entries));
  return events;
}

/** As `eventsOf`, with the events of a change of its own kind. `wallet`: as the result leaves it. */
export function allEventsOf(
  command: LedgerCommand,
  result: CommandResult,
  wallet: Wallet | undefined,
): LedgerEvent[] {
  const events = eventsOf(command, result);
  if (command.kind !== 'change' || !command.events || result.status !== 'booked') return events;
  invariant(wallet, 'a booked change has a wallet');
  return [...events, ...command.events(wallet, result.entries)];
}

/** Not covered here, and asked of another wallet next: that one's outcome is what counts. */
export const isPassedOn = (command: LedgerCommand, result: CommandResult): boolean =>
  command.kind === 'charge' &&
  command.fallsBack === true &&
  result.status === 'rejected' &&
  result.reason === 'insufficient_funds';

function postedValue(
  chargeId: string,
  wallet: WalletIdentity,
  booked: readonly Entry[],
): ChargePosted {
  const { currency } = wallet;
  const entries = spentOf(booked);
  const last = entries.at(-1);
  invariant(last, 'a posted charge has entries');
  return {
    charge_id: chargeId,
    organization_id: wallet.organizationId,
    wallet_id: wallet.walletId,
    amount: formatAmount(totalMicros(entries), currency),
    currency,
    channel: last.channel ?? 'unknown',
    quantity: last.quantity ?? 1,
    entries: entries.map((entry) => ({
      id: entryId(entry.walletNo, entry.sequence),
      sequence: String(entry.sequence),
      block_id: entry.blockSequence === null ? null : blockId(entry.walletNo, entry.blockSequence),
      amount: formatAmount(micros(-entry.amountMicros), currency),
      balance_after: formatAmount(entry.balanceAfterMicros, currency),
    })),
    balance_after: formatAmount(last.balanceAfterMicros, currency),
    sequence: String(last.sequence),
    occurred_at: isoInstant(last.occurredAtMs),
    posted_at: isoInstant(last.bookedAtMs),
    metadata: (last.metadata ?? {}) as Metadata,
  };
}

function rejectedValue(
  charge: Charge,
  wallet: WalletIdentity,
  reason: ChargeRejected['reason'],
  atMs: number,
): ChargeRejected {
  return {
    charge_id: charge.chargeId,
    organization_id: wallet.organizationId,
    amount: formatAmount(charge.amountMicros, wallet.currency),
    currency: wallet.currency,
    channel: charge.channel,
    quantity: charge.quantity,
    reason,
    occurred_at: isoInstant(charge.occurredAtMs),
    rejected_at: isoInstant(atMs),
  };
}

const TOPIC_BY_NOTICE = {
  low: 'balance.low',
  depleted: 'balance.depleted',
  recovered: 'balance.recovered',
  paused: 'wallet.paused',
  resumed: 'wallet.resumed',
  overdrawn: 'balance.overdrawn',
} as const;

/** Thresholds that a balance crossed, and the identity of the crossing: the same `id` makes the same events. */
export interface CrossedLines {
  /** Bit set of NOTICES. */
  readonly notices: number;
  readonly id: string;
  readonly balanceMicros: Micros;
  readonly sequence: bigint;
  readonly atMs: number;
}

export function noticesOf(wallet: WalletIdentity, crossed: CrossedLines): LedgerEvent[] {
  const noticed = (Object.keys(NOTICES) as Notice[]).filter(
    (notice) => crossed.notices & NOTICES[notice],
  );
  const { currency } = wallet;
  return noticed.map((notice) => {
    const common = {
      organization_id: wallet.organizationId,
      wallet_id: wallet.walletId,
      currency,
      sequence: String(crossed.sequence),
      occurred_at: isoInstant(crossed.atMs),
    };
    const alert: BalanceAlert = {
      ...common,
      balance: formatAmount(crossed.balanceMicros, currency),
      threshold: lineOf(wallet, notice),
    };
    const pause: WalletPauseChange = { ...common, reason: 'balance_depleted' };
    const value = notice === 'paused' || notice === 'resumed' ? pause : alert;
    const id = `${notice}:${crossed.id}`;
    return { topic: TOPIC_BY_NOTICE[notice], id, key: wallet.organizationId, value };
  });
}

/** The line that was crossed: of `overdrawn` the lowest balance that the overdraft allows. */
function lineOf(wallet: WalletIdentity, notice: Notice): string | null {
  const { currency, overdraftMicros, lowBalanceMicros } = wallet;
  if (notice === 'overdrawn') return formatAmount(micros(-overdraftMicros), currency);
  return lowBalanceMicros === null ? null : formatAmount(lowBalanceMicros, currency);
}

/** One per reference: a taking may draw on several blocks. The id is that of its first entry. */
function takenBackEvents(wallet: WalletIdentity, entries: readonly Entry[]): LedgerEvent[] {
  const events = new Map<string, { id: string; value: CreditTakenBack; amountMicros: bigint }>();
  for (const entry of entries) {
    const reason = takingOf(entry);
    if (reason === null) continue;
    const { walletNo, sequence, reference, balanceAfterMicros, bookedAtMs } = entry;
    const before = events.get(reference);
    const amountMicros = (before?.amountMicros ?? 0n) + entry.amountMicros;
    const value: CreditTakenBack = {
      organization_id: wallet.organizationId,
      wallet_id: wallet.walletId,
      currency: wallet.currency,
      reason,
      reference,
      amount: formatAmount(micros(amountMicros), wallet.currency),
      balance: formatAmount(balanceAfterMicros, wallet.currency),
      sequence: String(sequence),
      occurred_at: isoInstant(bookedAtMs),
    };
    const id = before?.id ?? `taken_back:${entryId(walletNo, sequence)}`;
    events.set(reference, { id, value, amountMicros });
  }
  const key = wallet.organizationId;
  return [...events.values()].map(({ id, value }) => ({
    topic: 'credit.taken_back',
    id,
    key,
    value,
  }));
}

/** The answer for somebody who waits for one charge (`?wait=posted`, `charge.read`). */
export function outcomeView(
  chargeId: string,
  amountMicros: Micros,
  result: CommandResult,
): ChargeOutcomeView | null {
  if (result.status === 'refused') return null;
  const { currency } = result.wallet;
  return result.status === 'rejected'
    ? rejectedView(chargeId, currency, amountMicros, result.reason)
    : postedView(chargeId, currency, result.entries);
}
