import { readConfig } from '@orbit/runtime';
import { WalletLedgerConfig } from '../../wallet-ledger.config.js';
import type { LedgerTransaction } from '../application/ports.js';
import { FailPoint, FAIL_POINT_FORM, FAIL_POINTS, type FailPointName } from './fail-points.js';

const transaction: LedgerTransaction = {
  lockWallets: () => Promise.resolve(new Map()),
  readOutcomes: () => Promise.resolve(new Map()),
  readBlocks: () => Promise.resolve([]),
  readEscrows: () => Promise.resolve([]),
  readPaymentEscrows: () => Promise.resolve([]),
  readTaken: () => Promise.resolve([]),
  readFundings: () => Promise.resolve([]),
  readRemainders: () => Promise.resolve([]),
  save: () => Promise.resolve(),
};

/** Passes every place once, in the order of a posting group; says where the process would have died. */
async function run(text: string): Promise<FailPointName | null> {
  let at: FailPointName | null = null;
  let place: FailPointName = 'after_read';
  const failPoint = new FailPoint(text, () => (at = place));
  const store = failPoint.store({
    inTransaction: (work) => work(transaction),
    dropPublished: () => Promise.resolve(),
  });
  const hotBalances = failPoint.hotBalances({
    claim: () => Promise.resolve([]),
    confirm: () => Promise.resolve(),
  });
  await store.inTransaction(async (tx) => {
    await tx.lockWallets([]);
    place = 'after_claim';
    await hotBalances.claim([]);
    place = 'before_commit';
    await tx.save({
      wallets: [],
      policies: [],
      blocks: [],
      escrows: [],
      grants: [],
      entries: [],
      rejections: [],
      outbox: [],
    });
    place = 'after_commit';
  });
  place = 'after_settle';
  await hotBalances.confirm([]);
  place = 'after_publish';
  await failPoint.events({ publish: () => Promise.resolve() }).publish([], 0);
  place = 'before_offsets';
  failPoint.passed('before_offsets');
  return at;
}

const environment = {
  DATABASE_URL: 'postgres://database',
  REDIS_URL: 'redis://cache',
  KAFKA_BROKERS: 'broker:9092',
  WALLET_LEDGER_RPC: 'ledger:4000',
  HEALTH_PORT: '4001',
  AUTHORIZATION_SECRET: 'a secret of the tests, long enough',
};
const configured = (ORBIT_ENV: string, ORBIT_FAIL_POINT: string): WalletLedgerConfig =>
  readConfig(WalletLedgerConfig, { ...environment, ORBIT_ENV, ORBIT_FAIL_POINT });

describe('fail points', () => {
  test.each(FAIL_POINTS)('%s: the process dies there and nowhere else', async (name) => {
    expect(await run(name)).toBe(name);
    expect(await run(`${name}:2`)).toBeNull();
  });

  test('only known places may be named, with a count from 1', () => {
    for (const name of FAIL_POINTS) expect(name).toMatch(FAIL_POINT_FORM);
    expect('after_commit:12').toMatch(FAIL_POINT_FORM);
    for (const wrong of ['', 'later', 'after_commit:0', 'after_commit:', 'xafter_commit']) {
      expect(wrong).not.toMatch(FAIL_POINT_FORM);
    }
  });

  test('configuration takes one in a test, none in production, and no unknown one', () => {
    expect(configured('test', 'after_commit:3').ORBIT_FAIL_POINT).toBe('after_commit:3');
    expect(configured('production', '').ORBIT_FAIL_POINT).toBeUndefined();
    expect(() => configured('production', 'after_commit')).toThrow('ORBIT_FAIL_POINT');
    expect(() => configured('test', 'sometimes')).toThrow('ORBIT_FAIL_POINT');
  });
});
