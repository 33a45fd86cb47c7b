// Goal: wallets that change hands under load, as their owner died or only seemed dead, are charged once and in order.
// Method: two real processes in one group; one is killed, one frozen past its session wakes up with stale batches.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, eventually, testInfra, uniqueId } from '@orbit/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { WriteConflict } from '../../apps/wallet-ledger/src/books/application/ports.js';
import { auditLedger } from '../../apps/wallet-ledger/src/books/adapters/ledger-audit.js';
import { PostgresLedgerStore } from '../../apps/wallet-ledger/src/books/adapters/postgres-ledger-store.js';
import { LedgerOnServers } from './ledger-on-servers.mjs';
import type { LedgerProcess } from './ledger-process.mjs';
import { checkOutcomes } from './outcomes.mjs';

/** What waits for the group to be shared anew, or for a process to start, takes a minute on a busy machine. */
const WAIT = { timeoutMs: 120_000 };
const MICROS = 10_000n;
const organizations = Array.from({ length: 24 }, () => uniqueId('org'));
const accepted = new Map<string, { organizationId: string; amountMicros: bigint }>();
const sentTo = new Map<string, string[]>(organizations.map((id) => [id, []]));
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let ledger: LedgerOnServers;
let first: LedgerProcess;
let second: LedgerProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  ledger = await LedgerOnServers.create({
    infra: testInfra(),
    databaseUrl: database.urlFor('orbit_wallet_ledger'),
    adminUrl: database.adminUrl,
    topicPrefix: `${uniqueId('pair')}.`,
  });
  [first, second] = [await ledger.instance('first'), await ledger.instance('second')];
  await Promise.all([first.start(), second.start()]);
  for (const organization_id of organizations) {
    const wallet = { organization_id, currency: 'USD' };
    const grant = { ...wallet, amount: '1000', kind: 'paid', reference: 'start' };
    // Each is done once however often it is asked for; a call that is answered late is asked again.
    await eventually(() => ledger.call(first.rpcAddress, 'wallet.open', wallet));
    await eventually(() => ledger.call(second.rpcAddress, 'block.grant', grant));
  }
}, 480_000);
afterAll(async () => {
  const findings = await auditLedger(ledger.pool);
  await Promise.all([first.stop(), second.stop()]);
  await ledger.close();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
}, 480_000);

/** Sends charges of every wallet, some of them twice, until it is told to stop. */
function startLoad(name: string): () => Promise<void> {
  let isOver = false;
  const run = async (): Promise<void> => {
    for (let wave = 0; !isOver; wave++) {
      const charges = organizations.map((organization_id) => ({
        charge_id: `${name}_${wave}_${organization_id}`,
        organization_id,
        amount: '0.01',
        currency: 'USD',
        channel: 'sms',
        quantity: 1,
        authorization_id: wave % 3 === 0 ? `auth_${wave}` : null,
        occurred_at: new Date().toISOString(),
        metadata: {},
      }));
      await ledger.send('charge.requested', wave % 5 === 0 ? [...charges, ...charges] : charges);
      for (const { charge_id: id, organization_id: organizationId } of charges) {
        accepted.set(id, { organizationId, amountMicros: MICROS });
        sentTo.get(organizationId)?.push(id);
      }
      await sleep(5);
    }
  };
  const running = run();
  return () => {
    isOver = true;
    return running;
  };
}

const countEntries = async (): Promise<number> => {
  const { rows } = await ledger.pool.query<{ count: string }>(
    'SELECT count(*) FROM wallet_ledger.entry',
  );
  return Number(rows[0]?.count);
};
const untilMoreEntries = async (more: number): Promise<void> => {
  const before = await countEntries();
  await eventually(async () => expect(await countEntries()).toBeGreaterThan(before + more), WAIT);
};

async function expectOneOutcomeInOrder(): Promise<void> {
  await ledger.untilRead(WAIT.timeoutMs);
  const { facts, posted } = await checkOutcomes(ledger, accepted);
  expect(Object.entries(facts).filter(([, ids]) => ids.length > 0)).toEqual([]);
  expect(posted).toBe(accepted.size);
  for (const [organizationId, ids] of sentTo) {
    const { rows } = await ledger.pool.query<{ charge_id: string }>(
      `SELECT substr(e.reference, 8) AS charge_id FROM wallet_ledger.entry e JOIN wallet_ledger.wallet w USING (wallet_no)
       WHERE w.organization_id = $1 AND e.type = 2 AND e.slice = 0 ORDER BY e.sequence`,
      [organizationId],
    );
    expect(rows.map((row) => row.charge_id)).toEqual(ids);
  }
}

test('T28 one of two instances killed under load: no charge twice, none lost, each wallet in order', async () => {
  const stop = startLoad('killed');
  await untilMoreEntries(500);
  await first.kill();
  await untilMoreEntries(500);
  await first.start();
  await untilMoreEntries(500);
  await stop();
  await expectOneOutcomeInOrder();
}, 480_000);

test('T28 an instance that freezes past its session and wakes up writes nothing twice', async () => {
  const stop = startLoad('frozen');
  await untilMoreEntries(500);
  second.signal('SIGSTOP');
  // What it had under way is done by then, so later bookings are the other one's.
  const frozenAt = new Date(Date.now() + 2_000);
  // The other one owns everything when charges of every wallet are booked again.
  await eventually(
    async () => {
      const { rows } = await ledger.pool.query<{ count: string }>(
        `SELECT count(DISTINCT wallet_no) FROM wallet_ledger.entry WHERE booked_at > $1`,
        [frozenAt],
      );
      expect(Number(rows[0]?.count)).toBe(organizations.length);
    },
    { ...WAIT, intervalMs: 500 },
  );
  second.signal('SIGCONT');
  await untilMoreEntries(1_000);
  await stop();
  await expectOneOutcomeInOrder();
}, 480_000);

test('T28 a writer that lost the wallet meanwhile is refused by the fence', async () => {
  const [organizationId = ''] = organizations;
  const key = { organizationId, currency: 'USD' } as const;
  const store = new PostgresLedgerStore(ledger.pool);
  const stale = await store.inTransaction((tx) => tx.lockWallets([key]));
  const grant = { organization_id: organizationId, currency: 'USD', amount: '1', kind: 'paid' };
  const meanwhile = { ...grant, reference: 'meanwhile' };
  await eventually(() => ledger.call(first.rpcAddress, 'block.grant', meanwhile));
  const before = await countEntries();
  const [wallet] = stale.values();
  const late = store.inTransaction((tx) =>
    tx.save({
      wallets: [{ ...wallet!, version: wallet!.version + 1n }],
      policies: [],
      blocks: [],
      escrows: [],
      grants: [],
      entries: [],
      rejections: [],
      outbox: [],
    }),
  );
  await expect(late).rejects.toEqual(new WriteConflict('fence'));
  expect(await countEntries()).toBe(before);
});
