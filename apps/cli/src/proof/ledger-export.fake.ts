import { merkleRoot } from '../../../wallet-ledger/src/proof/domain/seal-merkle.js';
import {
  canonicalEntry,
  chainHash,
  genesisHash,
  rootHash,
} from '../../../wallet-ledger/src/proof/domain/seal.js';

export type Row = Record<string, unknown> & { row: string };

const BOOKED_MS = Date.UTC(2026, 4, 16, 12);
const iso = (ms: number): string => new Date(ms).toISOString();

/** One wallet: a top-up of 10.00 and charges of 0.75, the last ones on the overdraft; then a grant that repays it. */
function walletRows(no: number, charges: number): Row[] {
  const wallet_no = String(no);
  const entries: Row[] = [];
  let balance = 0n;
  let left = 0n;
  const remaining = new Map<string, bigint>();
  const repaid = new Map<string, bigint>();
  const book = (delta: bigint, block: string | null, columns: Record<string, unknown>): void => {
    balance += delta;
    const sequence = String(entries.length + 1);
    entries.push({
      row: 'entry',
      wallet_no,
      sequence,
      slice: 0,
      notices: 0,
      amount_micros: String(delta < 0n ? -delta : delta),
      balance_after_micros: String(balance),
      block_sequence: block,
      quantity: delta < 0n ? 1 : null,
      occurred_at: iso(BOOKED_MS + entries.length * 977 - 60_000),
      booked_at: iso(BOOKED_MS + entries.length * 1_000),
      channel: delta < 0n ? 'sms' : null,
      metadata: delta < 0n ? { country: '1', n: entries.length } : null,
      authorized_by: delta < 0n && entries.length % 3 === 0 ? 'hold' : null,
      ...columns,
    });
  };
  const credit = (micros: bigint, type: number, from_account: number): void => {
    const sequence = String(entries.length + 1);
    const debt = left - balance;
    const kept = micros > debt ? micros - debt : 0n;
    remaining.set(sequence, kept);
    repaid.set(sequence, micros - kept);
    left += kept;
    book(micros, sequence, { type, from_account, to_account: 1, reference: `credit:${sequence}` });
  };
  credit(10_000_000n, 1, 3);
  for (let n = 0; n < charges; n++) {
    const block = [...remaining].find(([, rest]) => rest >= 750_000n)?.[0] ?? null;
    if (block !== null) {
      remaining.set(block, (remaining.get(block) ?? 0n) - 750_000n);
      left -= 750_000n;
    }
    book(-750_000n, block, { type: 2, from_account: 1, to_account: 2, reference: `charge:c_${n}` });
  }
  credit(20_000_000n, 3, 4);
  const blocks = [...remaining].map(([sequence, rest]) => ({
    row: 'block',
    wallet_no,
    sequence,
    amount_micros: entries[Number(sequence) - 1]?.['amount_micros'],
    remaining_micros: String(rest),
    repaid_micros: String(repaid.get(sequence)),
    expired_micros: '0',
  }));
  return [
    {
      row: 'wallet',
      wallet_no,
      wallet_id: `wal_${no}`,
      organization_id: `org_${no}`,
      currency: no % 2 === 0 ? 'EUR' : 'USD',
      balance_micros: String(balance),
      sequence: String(entries.length),
    },
    ...blocks,
    {
      row: 'escrow',
      wallet_no,
      escrow_id: `lease_${no}`,
      granted_micros: '1000000',
      spent_micros: '250000',
      slices: [{ block: blocks.at(-1)?.sequence ?? null, amount: '750000' }],
    },
    ...entries,
  ];
}

const hashOfEntry = (previous: string, row: Row): string =>
  chainHash(
    previous,
    canonicalEntry({
      walletNo: BigInt(row['wallet_no'] as string),
      sequence: BigInt(row['sequence'] as string),
      type: row['type'] as number,
      fromAccount: row['from_account'] as number,
      toAccount: row['to_account'] as number,
      slice: row['slice'] as number,
      notices: row['notices'] as number,
      amountMicros: BigInt(row['amount_micros'] as string),
      balanceAfterMicros: BigInt(row['balance_after_micros'] as string),
      blockSequence:
        row['block_sequence'] === null ? null : BigInt(row['block_sequence'] as string),
      quantity: row['quantity'] as number | null,
      occurredAtMs: Date.parse(row['occurred_at'] as string),
      bookedAtMs: Date.parse(row['booked_at'] as string),
      reference: row['reference'] as string,
      channel: row['channel'] as string | null,
      metadata: row['metadata'],
      authorizedBy: row['authorized_by'] as string | null,
    }),
  );

/**
 * An export as `orbit ledger export` writes it, made with the hashes of the ledger's own code: three wallets, sealed
 * under three roots, the last two entries of the last wallet not sealed yet.
 */
export function exportRows(): Row[] {
  const wallets = [walletRows(1, 16), walletRows(2, 9), walletRows(7, 12)];
  const sealed = wallets.map((rows) => {
    const [wallet] = rows as [Row, ...Row[]];
    const entries = rows.filter(({ row }) => row === 'entry');
    let last = genesisHash({
      walletNo: BigInt(wallet['wallet_no'] as string),
      walletId: wallet['wallet_id'] as string,
      organizationId: wallet['organization_id'] as string,
      currency: wallet['currency'] as string,
    });
    return entries.map((entry) => (last = hashOfEntry(last, entry)));
  });
  const cuts = [0, 5, 6, Infinity];
  const roots: Row[] = [];
  const seals: Row[] = [];
  for (const [index, from] of cuts.slice(0, -1).entries()) {
    const ofRoot = wallets.flatMap(([wallet], at): Row[] => {
      const all = sealed[at] ?? [];
      const isLast = at === wallets.length - 1 && index === 2;
      const hashes = all.slice(from, isLast ? all.length - 2 : cuts[index + 1]);
      return [
        {
          row: 'seal',
          wallet_no: wallet?.['wallet_no'],
          first_sequence: String(from + 1),
          last_sequence: String(from + hashes.length),
          root_no: String(index + 1),
          leaf_index: at,
          hashes: hashes.join(''),
        },
      ];
    });
    const leaves = ofRoot.map((seal) => merkleRoot(hashesOf(seal['hashes'] as string)));
    const previous = (roots.at(-1)?.['root'] as string | undefined) ?? null;
    const content = {
      rootNo: BigInt(index + 1),
      previousRoot: previous,
      merkleRoot: merkleRoot(leaves),
      walletCount: ofRoot.length,
      entryCount: ofRoot.reduce((sum, seal) => sum + (seal['hashes'] as string).length / 64, 0),
      sealedAtMs: BOOKED_MS + index * 5_000,
    };
    seals.push(...ofRoot);
    roots.push({
      row: 'root',
      root_no: String(index + 1),
      previous_root: previous,
      merkle_root: content.merkleRoot,
      root: rootHash(content),
      leaves: leaves.join(''),
      wallet_count: content.walletCount,
      entry_count: content.entryCount,
      sealed_at: iso(content.sealedAtMs),
    });
  }
  const rows = wallets.flatMap((wallet) => withSeals(wallet, seals));
  const count = (kind: string): number => rows.filter((row) => row.row === kind).length;
  const footer = {
    row: 'footer',
    counts: { wallets: 3, entries: count('entry'), seals: seals.length, roots: roots.length },
  };
  return [{ row: 'header', format: 'orbit.ledger.1' }, ...roots, ...rows, footer];
}

/** Each seal before its first entry, as the export has them. */
function withSeals(wallet: readonly Row[], seals: readonly Row[]): Row[] {
  return wallet.flatMap((row) => {
    const seal = seals.find(
      (one) =>
        row.row === 'entry' &&
        one['wallet_no'] === row['wallet_no'] &&
        one['first_sequence'] === row['sequence'],
    );
    return seal ? [seal, row] : [row];
  });
}

const hashesOf = (text: string): string[] => text.match(/.{64}/g) ?? [];
