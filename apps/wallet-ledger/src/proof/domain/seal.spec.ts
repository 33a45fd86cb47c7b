// Goal: the hashes are what docs/proof.md promises, for ever. Method: fixed inputs and their printed hashes,
// computed once with sha256sum; properties of trees over many sizes.
import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { merklePath, merkleRoot, rootOfPath } from './seal-merkle.js';
import {
  canonicalEntry,
  canonicalJson,
  chainHash,
  chainHashes,
  genesisHash,
  rootHash,
  type SealableEntry,
} from './seal.js';

const sha = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const WALLET = { walletNo: 7n, walletId: 'wal_1', organizationId: 'org_1', currency: 'USD' };
const ENTRY: SealableEntry = {
  walletNo: 7n,
  sequence: 2n,
  type: 2,
  fromAccount: 1,
  toAccount: 2,
  slice: 0,
  notices: 0,
  amountMicros: 7_500n,
  balanceAfterMicros: 9_992_500n,
  blockSequence: 1n,
  quantity: 1,
  occurredAtMs: Date.UTC(2026, 4, 16, 11, 21, 18, 901),
  bookedAtMs: Date.UTC(2026, 4, 16, 11, 21, 19, 0),
  reference: 'charge:sms "é"',
  channel: 'sms',
  metadata: { country: '1', b: [true, null, { z: 1.5, a: 2 }] },
  authorizedBy: null,
};

test('canonicalEntry: every column in one line of JSON, keys of metadata sorted', () => {
  expect(canonicalEntry(ENTRY)).toBe(
    '["orbit.entry.1","7","2",2,1,2,0,0,"7500","9992500","1",1,"2026-05-16T11:21:18.901Z",' +
      '"2026-05-16T11:21:19.000Z","charge:sms \\"é\\"","sms",{"b":[true,null,{"a":2,"z":1.5}],"country":"1"}]',
  );
  expect(
    canonicalEntry({
      ...ENTRY,
      blockSequence: null,
      quantity: null,
      channel: null,
      metadata: null,
    }),
  ).toContain('"9992500",null,null,"2026');
});

test('canonicalEntry: what authorized it is covered by a rule of its own, so that older seals stay checkable', () => {
  const text = canonicalEntry({ ...ENTRY, authorizedBy: 'lease_"1"' });
  const before = canonicalEntry(ENTRY).replace('orbit.entry.1', 'orbit.entry.2').slice(0, -1);
  expect(text).toBe(`${before},"lease_\\"1\\""]`);
});

test('canonicalEntry: a change of any column changes the text', () => {
  const changed = (Object.keys(ENTRY) as (keyof SealableEntry)[]).map((column) => {
    const value = ENTRY[column];
    const other =
      typeof value === 'bigint' ? value + 1n : typeof value === 'number' ? value + 1 : 'other';
    return canonicalEntry({ ...ENTRY, [column]: other });
  });
  expect(new Set([canonicalEntry(ENTRY), ...changed]).size).toBe(changed.length + 1);
});

test('chainHash: previous hash, line feed, text: what printf and sha256sum make of them', () => {
  const genesis = sha('["orbit.chain.1","7","wal_1","org_1","USD"]');
  expect(genesisHash(WALLET)).toBe(genesis);
  const next = sha(`${genesis}\n${canonicalEntry(ENTRY)}`);
  expect(chainHash(genesis, canonicalEntry(ENTRY))).toBe(next);
  expect(chainHashes(genesis, [ENTRY, ENTRY])).toEqual([
    next,
    sha(`${next}\n${canonicalEntry(ENTRY)}`),
  ]);
});

test('rootHash: covers its number, the root before it and what it counts', () => {
  const content = {
    rootNo: 2n,
    previousRoot: sha('one'),
    merkleRoot: sha('tree'),
    walletCount: 3,
    entryCount: 9,
    sealedAtMs: Date.UTC(2026, 4, 16),
  };
  const text = `["orbit.root.1","2","${sha('one')}","${sha('tree')}",3,9,"2026-05-16T00:00:00.000Z"]`;
  expect(rootHash(content)).toBe(sha(text));
});

test('canonicalJson: equal objects have equal texts whatever the order of their keys', () => {
  expect(canonicalJson({ b: 1, a: { d: 1, c: 2 } })).toBe(
    canonicalJson({ a: { c: 2, d: 1 }, b: 1 }),
  );
});

test('merkleRoot: the tree of RFC 6962 over one, two and three leaves', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((value) => sha(`leaf\n${sha(value)}`));
  const node = (left = '', right = ''): string => sha(`node\n${left}\n${right}`);
  expect(merkleRoot([sha('a')])).toBe(a);
  expect(merkleRoot([sha('a'), sha('b')])).toBe(node(a, b));
  expect(merkleRoot([sha('a'), sha('b'), sha('c')])).toBe(node(node(a, b), c));
});

test('merklePath: leads from every leaf of every tree up to 40 leaves to its root, and from no other value', () => {
  for (let size = 1; size <= 40; size++) {
    const values = Array.from({ length: size }, (_, index) => sha(`${size}/${index}`));
    const root = merkleRoot(values);
    for (const [index, value] of values.entries()) {
      const path = merklePath(values, index);
      expect(rootOfPath(value, path)).toBe(root);
      expect(rootOfPath(sha('other'), path)).not.toBe(root);
    }
  }
});
