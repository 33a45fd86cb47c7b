import type {
  ExplainedBlock,
  ExplainedEntry,
  ExplainedReversal,
  ExplainedSeal,
} from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { formatAmount, micros } from '@orbit/money';
import { blockId, entryId } from '../../books/domain/identifiers.js';
import { merklePath, merkleRoot } from '../domain/seal-merkle.js';
import {
  canonicalEntry,
  canonicalRoot,
  genesisHash,
  type SealableEntry,
  type SealedWallet,
} from '../domain/seal.js';
import { ACCOUNTS, ENTRY_TYPES, type EntryType } from '../../books/domain/wallet.js';
import type { SealOfEntry } from './explain-ports.js';

const nameOf = <T extends string>(codes: Readonly<Record<T, number>>, code: number): T => {
  const found = (Object.keys(codes) as T[]).find((name) => codes[name] === code);
  invariant(found, `code ${code} has a name`);
  return found;
};
const iso = (ms: number): string => new Date(ms).toISOString();

/** The change that an entry makes to the balance: in, out, or nothing. */
export function deltaOf({ fromAccount, toAccount, amountMicros }: SealableEntry): bigint {
  if (fromAccount === toAccount) return 0n;
  if (toAccount === ACCOUNTS.wallet) return amountMicros;
  return fromAccount === ACCOUNTS.wallet ? -amountMicros : 0n;
}

export function entryView(
  entry: SealableEntry,
  currency: string,
  seal: ExplainedSeal,
): ExplainedEntry {
  const { walletNo, sequence, blockSequence, balanceAfterMicros } = entry;
  const delta = deltaOf(entry);
  return {
    id: entryId(walletNo, sequence),
    sequence: String(sequence),
    type: nameOf<EntryType>(ENTRY_TYPES, entry.type),
    from_account: nameOf(ACCOUNTS, entry.fromAccount),
    to_account: nameOf(ACCOUNTS, entry.toAccount),
    amount: formatAmount(micros(delta), currency),
    balance_before: formatAmount(micros(balanceAfterMicros - delta), currency),
    balance_after: formatAmount(micros(balanceAfterMicros), currency),
    block_id: blockSequence === null ? null : blockId(walletNo, blockSequence),
    reference: entry.reference,
    booked_at: iso(entry.bookedAtMs),
    seal,
  };
}

export function originView(origin: SealableEntry, currency: string): ExplainedBlock['origin'] {
  return {
    entry_id: entryId(origin.walletNo, origin.sequence),
    type: nameOf<EntryType>(ENTRY_TYPES, origin.type),
    reference: origin.reference,
    amount: formatAmount(micros(origin.amountMicros), currency),
    booked_at: iso(origin.bookedAtMs),
  };
}

/** Each reversal with its entries: all of a charge share one reference, so their metadata separates them. */
export function reversalViews(
  reversed: readonly SealableEntry[],
  currency: string,
  viewOf: (entry: SealableEntry) => ExplainedEntry,
): ExplainedReversal[] {
  const byReference = new Map<string, SealableEntry[]>();
  for (const entry of reversed) {
    const reference = (entry.metadata as { readonly reference?: unknown } | null)?.reference;
    invariant(typeof reference === 'string', 'a reversal carries its reference');
    const group = byReference.get(reference);
    if (group) group.push(entry);
    else byReference.set(reference, [entry]);
  }
  return [...byReference].map(([reference, entries]) => {
    const [first] = entries;
    invariant(first, 'a reversal has entries');
    const givenBack = entries.filter(({ type }) => type === ENTRY_TYPES.reversal);
    const totalMicros = givenBack.reduce((sum, { amountMicros }) => sum + amountMicros, 0n);
    return {
      reference,
      amount: formatAmount(micros(totalMicros), currency),
      sequence: String(first.sequence),
      entries: entries.map(viewOf),
      booked_at: iso(first.bookedAtMs),
    };
  });
}

/** Everything that leads from the entry's own bytes to the published root. */
export function sealView(
  wallet: SealedWallet,
  { seal, hashBefore, root }: SealOfEntry,
  entry: SealableEntry,
): ExplainedSeal {
  const at = Number(entry.sequence - seal.firstSequence);
  const chainHash = seal.hashes[at];
  invariant(chainHash, 'the entry lies in its seal');
  const previous = at === 0 ? (hashBefore ?? genesisHash(wallet)) : seal.hashes[at - 1];
  invariant(previous, 'a chain hash has one before it');
  return {
    status: 'sealed',
    canonical: canonicalEntry(entry),
    previous_hash: previous,
    chain_hash: chainHash,
    seal: {
      first_sequence: String(seal.firstSequence),
      last_sequence: String(seal.lastSequence),
      digest: merkleRoot(seal.hashes),
      path: merklePath(seal.hashes, at),
    },
    root: {
      root_no: String(root.rootNo),
      root: root.root,
      canonical: canonicalRoot(root),
      merkle_root: root.merkleRoot,
      path: merklePath(root.leaves, seal.leafIndex),
      sealed_at: iso(root.sealedAtMs),
    },
  };
}
