import type { Block, Entry, Escrow, LeaseFunding, Wallet } from '../domain/wallet.js';
import { referenceOf, type ChangeCommand, type ClaimedCommand } from './commands.js';
import {
  outcomeKey,
  type KnownOutcome,
  type LedgerTransaction,
  type OutcomeKey,
  type WalletKey,
} from './ports.js';
import type { WalletCache } from './wallet-cache.js';

/** The state of the books for everything that a group is about. Redis is asked afterwards (`claim-room.ts`). */
export interface GroupRead {
  /** Real time; the time of a wallet's account follows from it and the wallet. */
  readonly nowMs: number;
  /** By `walletKey`; unknown ones are absent. */
  readonly wallets: ReadonlyMap<string, Wallet>;
  /** Blocks with nothing left that changes of this group must see, by wallet number. */
  readonly drained: ReadonlyMap<bigint, readonly Block[]>;
  /** Escrows that changes of this group must see, closed ones too. */
  readonly closed: readonly Escrow[];
  /** Entries that say what was taken back of payments which changes of this group are about. */
  readonly taken: readonly Entry[];
  /** Grants of leases that changes of this group must see. */
  readonly leaseFundings: readonly LeaseFunding[];
  /** Earlier outcomes of references, by `outcomeKey`. */
  readonly known: ReadonlyMap<string, KnownOutcome>;
}

/**
 * The facts that one try takes on trust instead of reading them. Nothing is lost by it: the write objects to a stale
 * wallet (version fence) and to a reference that is booked already (unique key), and the next try reads.
 */
export interface Trust {
  /** Wallets are as this process committed them last. */
  readonly inWallets: boolean;
  /** No reference of the group is booked yet. */
  readonly inReferences: boolean;
}

/** Reads what a group is about: no statement for what is trusted, and at most one for each kind of thing. */
export async function readGroup(
  tx: LedgerTransaction,
  cache: WalletCache,
  commands: readonly ClaimedCommand[],
  trust: Trust,
  nowMs: number,
): Promise<GroupRead> {
  const wallets = await readWallets(tx, cache, commands, trust);
  const references = referencesOf(wallets, commands, trust);
  const known = references.length > 0 ? await tx.readOutcomes(references) : new Map();
  const wanted = wantedOf(wallets, commands);
  const drained = await readDrained(tx, wanted, known);
  const closed = await readEscrows(tx, wanted);
  const taken = await readTaken(tx, wanted, known);
  const leaseFundings = await readLeaseFundings(tx, wanted);
  return { nowMs, wallets, drained, closed, taken, leaseFundings, known };
}

/** The keys of a group's wallets, by `walletKey`. */
export const walletsOf = (commands: readonly ClaimedCommand[]): ReadonlyMap<string, WalletKey> =>
  new Map(commands.map(({ command, wallet }) => [wallet, command.key]));

async function readWallets(
  tx: LedgerTransaction,
  cache: WalletCache,
  commands: readonly ClaimedCommand[],
  trust: Trust,
): Promise<Map<string, Wallet>> {
  const found = new Map<string, Wallet>();
  const missing: WalletKey[] = [];
  for (const [name, key] of walletsOf(commands)) {
    const cached = trust.inWallets ? cache.get(name) : undefined;
    if (cached) found.set(name, cached);
    else missing.push(key);
  }
  if (missing.length > 0) {
    for (const [name, wallet] of await tx.lockWallets(missing)) found.set(name, wallet);
  }
  return found;
}

/**
 * References to look up: every one of the group, and those that its changes want to see. On trust only
 * those of wallets that have rejected something: a charge that was rejected leaves no reference among the
 * entries, so the write would not object to it.
 */
function referencesOf(
  wallets: ReadonlyMap<string, Wallet>,
  commands: readonly ClaimedCommand[],
  trust: Trust,
): OutcomeKey[] {
  const keys = new Map<string, OutcomeKey>();
  const add = (key: OutcomeKey): unknown => keys.set(outcomeKey(key), key);
  for (const { command, wallet: name } of commands) {
    const wallet = wallets.get(name);
    if (!wallet || (trust.inReferences && wallet.rejectedCount === 0n)) continue;
    const { walletNo } = wallet;
    const reference = referenceOf(command);
    if (reference !== null) add({ walletNo, reference });
    if (command.kind !== 'change') continue;
    for (const wanted of command.reads.references ?? []) add({ walletNo, reference: wanted });
  }
  return [...keys.values()];
}

/** The facts that one change of the group named in `reads`. */
interface Wanted {
  readonly walletNo: bigint;
  readonly reads: ChangeCommand['reads'];
}

function wantedOf(
  wallets: ReadonlyMap<string, Wallet>,
  commands: readonly ClaimedCommand[],
): readonly Wanted[] {
  const wanted: Wanted[] = [];
  for (const { command, wallet: name } of commands) {
    if (command.kind !== 'change') continue;
    const walletNo = wallets.get(name)?.walletNo;
    if (walletNo !== undefined) wanted.push({ walletNo, reads: command.reads });
  }
  return wanted;
}

type BlockKey = Pick<Entry, 'walletNo' | 'sequence'>;

/** Blocks that changes want to see, by number or because an entry that they read names them. */
async function readDrained(
  tx: LedgerTransaction,
  wanted: readonly Wanted[],
  known: GroupRead['known'],
): Promise<GroupRead['drained']> {
  const keys = new Map<string, BlockKey>();
  for (const { walletNo, reads } of wanted) {
    const add = (sequence: bigint): unknown =>
      keys.set(`${walletNo} ${sequence}`, { walletNo, sequence });
    for (const sequence of reads.blocks ?? []) add(sequence);
    for (const reference of reads.references ?? []) {
      for (const { blockSequence } of bookedUnder(known, { walletNo, reference })) {
        if (blockSequence !== null) add(blockSequence);
      }
    }
  }
  const found = new Map<bigint, Block[]>();
  if (keys.size === 0) return found;
  for (const { walletNo, block } of await tx.readBlocks([...keys.values()])) {
    found.set(walletNo, [...(found.get(walletNo) ?? []), block]);
  }
  return found;
}

/** Escrows that changes name, and the refunds and disputes of payments that they are about. */
async function readEscrows(
  tx: LedgerTransaction,
  wanted: readonly Wanted[],
): Promise<GroupRead['closed']> {
  const named = wanted.flatMap(({ walletNo, reads }) =>
    (reads.escrows ?? []).map((idOrReference) => ({ walletNo, idOrReference })),
  );
  const payments = wanted.flatMap(({ walletNo, reads }) =>
    (reads.payments ?? []).map((reference) => ({ walletNo, reference })),
  );
  const found = named.length === 0 ? [] : await tx.readEscrows(named);
  return payments.length === 0 ? found : [...found, ...(await tx.readPaymentEscrows(payments))];
}

/** The sums taken back of the payments that changes are about; a payment's block has the number of its entry. */
async function readTaken(
  tx: LedgerTransaction,
  wanted: readonly Wanted[],
  known: GroupRead['known'],
): Promise<GroupRead['taken']> {
  const keys = new Map<string, BlockKey>();
  for (const { walletNo, reads } of wanted) {
    for (const reference of reads.payments ?? []) {
      const [payment] = bookedUnder(known, { walletNo, reference });
      if (payment) {
        keys.set(outcomeKey({ walletNo, reference }), { walletNo, sequence: payment.sequence });
      }
    }
  }
  return keys.size === 0 ? [] : tx.readTaken([...keys.values()]);
}

async function readLeaseFundings(
  tx: LedgerTransaction,
  wanted: readonly Wanted[],
): Promise<GroupRead['leaseFundings']> {
  const keys = wanted.flatMap(({ walletNo, reads }) =>
    (reads.grants ?? []).map((reference) => ({ walletNo, reference })),
  );
  return keys.length === 0 ? [] : tx.readFundings(keys);
}

/** Entries that stand under a reference; none when it is unknown or was rejected. */
export function bookedUnder(known: GroupRead['known'], key: OutcomeKey): readonly Entry[] {
  const outcome = known.get(outcomeKey(key));
  return outcome?.status === 'booked' ? outcome.entries : [];
}
