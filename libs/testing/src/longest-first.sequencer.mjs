/**
 * In which order Jest hands test files to its workers: what takes long begins first, so that none waits for the last
 * one; and what may share a stack follows what leaves one. A clean checkout has no times of an earlier run.
 */
import fs from 'node:fs';
import path from 'node:path';
import Sequencer from '@jest/test-sequencer';

/** Of integration tests, those that take half a minute and more, longest first. */
const LONG = [
  'apps/checkout/src/testing/payment-orders',
  'apps/checkout/src/testing/payment-crashes',
  'apps/checkout/src/reconciliation/reconcile',
  'tools/reliability/two-instances',
  'libs/messaging/src/messaging',
  'libs/messaging/src/kafkajs/encoder/without-own-encoder',
  'libs/messaging/src/kafkajs/sessions/without-fetch-sessions',
  'apps/cli/src/kafka/kafka-odd-messages',
  'apps/cli/src/kafka/kafka-commands',
  'apps/wallet-ledger/src/hot-balances/redis-loss',
  'apps/wallet-ledger/src/leases/leases',
];
/** Of end-to-end tests, by how they use their stack (e2e/spare-stacks.ts). */
const USES = ['first', 'own', 'shared', 'last'];
const KINDS = ['sim', 'e2e', 'itest', 'spec'];

const kindOf = (file) => /\.(\w+)\.ts$/.exec(file)?.[1] ?? '';

/** How an end-to-end test uses its stack, as it says to `startStack`. */
function useOf(file) {
  const [, use] = /startStack\(\{[^)]*\buse: '(\w+)'/.exec(fs.readFileSync(file, 'utf8')) ?? [];
  return use ?? 'own';
}

/** Smaller is earlier: by kind, then by what is known of the file, then by its size. */
function placeOf(file) {
  const kind = kindOf(file);
  const long = LONG.findIndex((name) => file.endsWith(`${name}.itest.ts`));
  const within = kind === 'e2e' ? USES.indexOf(useOf(file)) : long === -1 ? LONG.length : long;
  return [KINDS.indexOf(kind), within, -fs.statSync(file).size];
}

const compare = (one, other) => {
  const at = one.findIndex((number, index) => number !== other[index]);
  return at === -1 ? 0 : one[at] - other[at];
};

export default class LongestFirst extends Sequencer {
  sort(tests) {
    const paths = tests.map(({ path: file }) => file);
    noteTakers(paths.filter((file) => kindOf(file) === 'e2e'));
    const places = new Map(paths.map((file) => [file, placeOf(file)]));
    return [...tests].sort((one, other) => compare(places.get(one.path), places.get(other.path)));
  }
}

/** Which files of this run may still take a stack that another has left: when none is left, it ends. */
function noteTakers(files) {
  if (!process.env.ORBIT_TEST_HOME) return;
  const folder = path.join(process.env.ORBIT_TEST_HOME, 'takers');
  fs.mkdirSync(folder, { recursive: true });
  for (const file of files.filter((one) => ['shared', 'last'].includes(useOf(one)))) {
    fs.writeFileSync(path.join(folder, path.basename(file)), '');
  }
}
