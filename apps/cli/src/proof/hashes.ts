/**
 * The hashes of docs/proof.md, written a second time and on purpose: the verifier shares no code with
 * the ledger, so a mistake in one of them shows as a difference. Pure; needs nothing but node:crypto.
 */
import { hash } from 'node:crypto';
import type { EntryRecord, RootRecord, WalletRecord } from './record.js';

const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** JSON without spaces, keys sorted by UTF-16 code units. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, part]) => `${JSON.stringify(key)}:${canonicalJson(part)}`);
  return `{${fields.join(',')}}`;
}

/** The text of an entry, from its columns as an export names them; older exports do not name `authorized_by`. */
export const entryText = (entry: EntryRecord): string =>
  canonicalJson([
    entry.authorized_by == null ? 'orbit.entry.1' : 'orbit.entry.2',
    entry.wallet_no,
    entry.sequence,
    entry.type,
    entry.from_account,
    entry.to_account,
    entry.slice,
    entry.notices,
    entry.amount_micros,
    entry.balance_after_micros,
    entry.block_sequence,
    entry.quantity,
    entry.occurred_at,
    entry.booked_at,
    entry.reference,
    entry.channel,
    entry.metadata,
    ...(entry.authorized_by == null ? [] : [entry.authorized_by]),
  ]);

export const genesis = (wallet: WalletRecord): string =>
  sha256(
    canonicalJson([
      'orbit.chain.1',
      wallet.wallet_no,
      wallet.wallet_id,
      wallet.organization_id,
      wallet.currency,
    ]),
  );

export const chain = (previous: string, entry: EntryRecord): string =>
  sha256(`${previous}\n${entryText(entry)}`);

export const rootOf = (root: Omit<RootRecord, 'root' | 'leaves'>): string =>
  sha256(
    canonicalJson([
      'orbit.root.1',
      root.root_no,
      root.previous_root,
      root.merkle_root,
      root.wallet_count,
      root.entry_count,
      root.sealed_at,
    ]),
  );

/** RFC 6962, top down: the left half of n leaves is the largest power of two below n. */
export function merkle(values: readonly string[]): string {
  if (values.length === 1) return sha256(`leaf\n${values[0]}`);
  let half = 1;
  while (half * 2 < values.length) half *= 2;
  return sha256(`node\n${merkle(values.slice(0, half))}\n${merkle(values.slice(half))}`);
}

/** The root that a value and its path (`[{side, hash}]`) lead to. */
export const rootOfPath = (
  value: string,
  path: readonly { readonly side: string; readonly hash: string }[],
): string =>
  path.reduce(
    (current, step) =>
      sha256(
        step.side === 'left' ? `node\n${step.hash}\n${current}` : `node\n${current}\n${step.hash}`,
      ),
    sha256(`leaf\n${value}`),
  );

/** Concatenated hashes in hex, apart. */
export const splitHashes = (text: string): readonly string[] => text.match(/.{64}/g) ?? [];

const WALLET = 1;

/**
 * The change that an entry makes to its wallet's balance: in, out, or (a fee past the wallet, an extension) nothing.
 */
export function deltaOf({
  from_account,
  to_account,
  amount_micros,
}: Pick<EntryRecord, 'from_account' | 'to_account' | 'amount_micros'>): bigint {
  if (from_account === to_account) return 0n;
  if (to_account === WALLET) return BigInt(amount_micros);
  return from_account === WALLET ? -BigInt(amount_micros) : 0n;
}
