import { invariant } from '@orbit/kernel';
import { bookRemainders, type PriceRemainder } from '../domain/price-remainder.js';
import type { WalletDraft } from '../domain/wallet-draft.js';
import type { Entry, Wallet } from '../domain/wallet.js';
import type { ClaimedCommand, CommandResult } from './commands.js';
import type { DecidedBatch } from './decide-batch.js';
import { allEventsOf } from './ledger-events.js';
import type { KeptEvent, LedgerTransaction, LedgerWrite } from './ports.js';

/** A group as it stands in the books. */
export interface SavedGroup extends Pick<DecidedBatch, 'results'> {
  /** As they are now, by `walletKey`; made once, because every step after the decision asks for them. */
  readonly wallets: ReadonlyMap<string, Wallet>;
  /** The events that the write put into the outbox. */
  readonly outbox: readonly KeptEvent[];
}

/**
 * Writes what was decided. Errors: WriteConflict, when something that was taken on trust is not so; then
 * nothing of it is in the books.
 */
export async function saveGroup(
  tx: LedgerTransaction,
  commands: readonly ClaimedCommand[],
  decided: DecidedBatch,
  nowMs: number,
): Promise<SavedGroup> {
  const remainders = await bookRemainders(
    (keys) => tx.readRemainders(keys),
    decided.drafts.values(),
    nowMs,
  );
  const wallets = new Map<string, Wallet>();
  for (const [name, draft] of decided.drafts) wallets.set(name, draft.current);
  const outbox = outboxOf(commands, decided.results, wallets, nowMs);
  await tx.save(writeOf(decided, wallets, remainders, outbox));
  return { results: decided.results, wallets, outbox };
}

function writeOf(
  { drafts, rejections, beside }: DecidedBatch,
  wallets: ReadonlyMap<string, Wallet>,
  remainders: readonly PriceRemainder[],
  outbox: readonly KeptEvent[],
): LedgerWrite {
  const changed = [...drafts].filter(([, draft]) => draft.isChanged);
  const walletOf = ([name]: readonly [string, WalletDraft]): Wallet => {
    const wallet = wallets.get(name);
    invariant(wallet, 'every draft is of a wallet');
    return wallet;
  };
  return {
    wallets: changed.map(walletOf),
    policies: changed.filter(([, draft]) => draft.hasNewPolicies).map(walletOf),
    blocks: changed.flatMap(([, draft]) => draft.changedBlocks()),
    escrows: changed.flatMap(([, draft]) => draft.changedEscrows()),
    grants: changed.flatMap(([, draft]) => draft.fundings),
    entries: changed.flatMap(([, draft]) => draft.entries),
    rejections,
    beside,
    remainders,
    outbox,
  };
}

/** The events of a group that a second reading of its messages would not make. */
function outboxOf(
  commands: readonly ClaimedCommand[],
  results: readonly CommandResult[],
  wallets: ReadonlyMap<string, Wallet>,
  atMs: number,
): KeptEvent[] {
  return commands.flatMap(({ command, wallet }, index) => {
    const result = results[index];
    if (result?.status !== 'booked' || result.isReplay) return [];
    const isReadAgain = command.kind !== 'change' || command.isReadAgain === true;
    if (isReadAgain && !bookedBeside(result.entries)) return [];
    return allEventsOf(command, result, wallets.get(wallet)).map((event) => ({ ...event, atMs }));
  });
}

/**
 * Whether something was booked besides the requested entries: a refund that had come before its payment. A message
 * that is read again finds only the entries under its own reference, and would publish no more than that.
 */
const bookedBeside = (entries: readonly Entry[]): boolean =>
  entries.some(({ reference }) => reference !== entries[0]?.reference);
