/** Decides one wallet of a shadow again, and sums up the results of all of them. */
import type { Context } from '../cli/context.js';
import type { HistoricCommand, RedecidedRows, ShadowLedger } from './shadow-ledger.js';
import type { ShadowState } from './shadow-state.js';
import type {
  MessageRow,
  OrganizationReference,
  WalletDifference,
  WalletHistory,
} from './shadow-store.js';

export interface DecidedWallet extends RedecidedRows {
  readonly walletRow: {
    readonly wallet_no: string;
    readonly balance_micros: string;
    readonly sequence: string;
  };
  readonly organization_id: string;
  readonly currency: string;
  readonly balance_micros: string;
  /** References of messages that the ledger has seen and not answered. */
  readonly unanswered: readonly string[];
}

/** One wallet: its own messages, by reference, the first one first; then all of its entries again. */
export function decideOne(
  ledger: ShadowLedger,
  state: ShadowState,
  history: WalletHistory,
  messages: readonly MessageRow[],
  committed: ReadonlyMap<string, bigint>,
): DecidedWallet {
  const { row, entries, rejected } = history;
  const booked = new Map([...entries].reverse().map((entry) => [entry.reference, entry]));
  const commands = new Map<string, HistoricCommand>();
  const unanswered: string[] = [];
  for (const message of messages) {
    const isByPrice = message.currency === '';
    const isOwn = message.organization_id === row.organization_id;
    if (!isOwn || !(isByPrice || message.currency === row.currency)) continue;
    if (commands.has(message.reference)) continue;
    const entry = booked.get(message.reference);
    // A charge by price that is not booked here may be any wallet's of its organization.
    if (isByPrice && !entry && !rejected.has(message.reference)) continue;
    const found = entry && { ...entry, currency: row.currency };
    const read = ledger.readCommand(message.topic, JSON.parse(message.value), found);
    // Only what could be read was kept.
    if (read === null) continue;
    if (read.command) commands.set(message.reference, read.command);
    if (booked.has(message.reference)) continue;
    if (rejected.has(message.reference)) state.messages.rejected += 1;
    else if (isInFlight(message, committed)) state.messages.in_flight += 1;
    else unanswered.push(message.reference);
  }
  const { blocks, escrows } = history;
  const decided = ledger.redecideRows({ wallet: row, entries, blocks, escrows, commands });
  for (const name of ['redecided', 'given', 'uncovered'] as const) {
    state.entries[name] += decided.counts[name];
  }
  const { wallet_no, organization_id, currency, balance_micros } = row;
  const walletRow = {
    wallet_no,
    balance_micros: String(decided.balanceMicros),
    sequence: String(decided.sequence),
  };
  return { ...decided, walletRow, organization_id, currency, balance_micros, unanswered };
}

/** Leaves out what another wallet of its organization answered: a plan pays in a wallet of its own. */
export async function keepUnanswered(
  state: ShadowState,
  decided: readonly DecidedWallet[],
  findAnswered: (of: readonly OrganizationReference[]) => Promise<ReadonlySet<string>>,
): Promise<readonly DecidedWallet[]> {
  const open = decided.flatMap(({ organization_id, unanswered }) =>
    unanswered.map((reference) => ({ organization_id, reference })),
  );
  const answered = open.length === 0 ? new Set<string>() : await findAnswered(open);
  const kept = decided.map((one) => ({
    ...one,
    unanswered: one.unanswered.filter(
      (reference) => !answered.has(`${one.organization_id} ${reference}`),
    ),
  }));
  for (const { unanswered } of kept) state.messages.unanswered += unanswered.length;
  return kept;
}

const isInFlight = (
  { topic, partition, message_offset: offset }: MessageRow,
  committed: ReadonlyMap<string, bigint>,
): boolean => BigInt(offset) >= (committed.get(`${topic}/${partition}`) ?? -1n);

export function noteDifferences(
  state: ShadowState,
  one: DecidedWallet,
  differing: readonly WalletDifference[],
): void {
  const { walletRow, organization_id, currency, balance_micros, fault, unanswered } = one;
  const found = differing.find(({ wallet_no }) => wallet_no === walletRow.wallet_no);
  if (!found && !fault && unanswered.length === 0) return;
  state.differences.push({
    organization_id,
    currency,
    entries: found?.entry ?? 0,
    blocks: found?.credit_block ?? 0,
    balance_micros,
    shadow_balance_micros: walletRow.balance_micros,
    first_sequence: fault ? String(fault.sequence) : (found?.first ?? null),
    why: fault?.why ?? null,
    unanswered,
  });
}

/** The result of a whole run. */
export function reportShadow(context: Context, state: ShadowState, keep: boolean): void {
  const { id, status, wallets, entries, messages, differences } = state;
  context.print({
    id,
    status,
    schema: keep ? state.schema : null,
    wallets,
    entries_redecided: entries.redecided,
    entries_given: entries.given,
    entries_not_in_topic: entries.uncovered,
    messages,
    differences,
  });
  if (entries.uncovered > 0) {
    context.say(
      `${entries.uncovered} entries came over Kafka, but their messages are not in the range or no longer kept; they were taken as they are.`,
    );
  }
  if (differences.length === 0) return;
  context.finding();
  context.say(`${differences.length} wallets came out differently.`);
}
