import { hash } from 'node:crypto';

// The hashes that make tampering visible. All of them are over text, so that a person can repeat each
// with `printf … | sha256sum`; hashes inside texts are lower-case hex. The bytes are a promise: what
// was sealed once is verified by these rules for ever. Another rule gets another name in its text.
// docs/proof.md explains them; apps/cli/src/proof/hashes.ts repeats them on its own.

/** Lower-case hex of 32 bytes. */
export type Hash = string;

/** The wallet as its chain knows it; a change of any of these breaks every hash after it. */
export interface SealedWallet {
  readonly walletNo: bigint;
  readonly walletId: string;
  readonly organizationId: string;
  readonly currency: string;
}

/** The row of an entry, with the codes and the integers as they are stored. */
export interface SealableEntry {
  readonly walletNo: bigint;
  readonly sequence: bigint;
  readonly type: number;
  readonly fromAccount: number;
  readonly toAccount: number;
  readonly slice: number;
  readonly notices: number;
  readonly amountMicros: bigint;
  readonly balanceAfterMicros: bigint;
  readonly blockSequence: bigint | null;
  readonly quantity: number | null;
  readonly occurredAtMs: number;
  readonly bookedAtMs: number;
  readonly reference: string;
  readonly channel: string | null;
  readonly metadata: unknown;
  readonly authorizedBy: string | null;
}

export interface RootContent {
  readonly rootNo: bigint;
  readonly previousRoot: Hash | null;
  readonly merkleRoot: Hash;
  readonly walletCount: number;
  readonly entryCount: number;
  readonly sealedAtMs: number;
}

const sha256 = (text: string): Hash => hash('sha256', text, 'hex');
const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * The text that stands for an entry: every column, in this order, as one line of JSON. The first rule is older than
 * `authorizedBy`; it holds wherever that is null, so that what was sealed by it stays checkable.
 */
export function canonicalEntry(entry: SealableEntry): string {
  const block = entry.blockSequence === null ? 'null' : `"${entry.blockSequence}"`;
  const { authorizedBy } = entry;
  const rule = authorizedBy === null ? 1 : 2;
  const by = authorizedBy === null ? '' : `,${JSON.stringify(authorizedBy)}`;
  return (
    `["orbit.entry.${rule}","${entry.walletNo}","${entry.sequence}",${entry.type},${entry.fromAccount},` +
    `${entry.toAccount},${entry.slice},${entry.notices},"${entry.amountMicros}","${entry.balanceAfterMicros}",` +
    `${block},${entry.quantity},"${iso(entry.occurredAtMs)}","${iso(entry.bookedAtMs)}",` +
    `${JSON.stringify(entry.reference)},${JSON.stringify(entry.channel)},${canonicalJson(entry.metadata)}${by}]`
  );
}

/** JSON without spaces and with the keys of every object in the order of their UTF-16 code units (RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}

/** The hash before a wallet's first entry. */
export function genesisHash(wallet: SealedWallet): Hash {
  const { walletNo, walletId, organizationId, currency } = wallet;
  const text = canonicalJson(['orbit.chain.1', `${walletNo}`, walletId, organizationId, currency]);
  return sha256(text);
}

/** h(n) = SHA-256(h(n−1) as hex, a line feed, the canonical text of entry n). */
export function chainHash(previous: Hash, canonical: string): Hash {
  return sha256(`${previous}\n${canonical}`);
}

/** The text whose hash is the root that is published. */
export function canonicalRoot(root: RootContent): string {
  return canonicalJson([
    'orbit.root.1',
    `${root.rootNo}`,
    root.previousRoot,
    root.merkleRoot,
    root.walletCount,
    root.entryCount,
    iso(root.sealedAtMs),
  ]);
}

export const rootHash = (root: RootContent): Hash => sha256(canonicalRoot(root));

/** The chain hashes after each entry, given the hash before the first. */
export function chainHashes(previous: Hash, entries: readonly SealableEntry[]): Hash[] {
  let last = previous;
  return entries.map((entry) => (last = chainHash(last, canonicalEntry(entry))));
}
