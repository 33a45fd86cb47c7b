// Goal: whatever the ledger books by its own rules, the live checks and the verifier agree with it to the micro.
// Method: a seeded history over the real posting path and PostgreSQL: charges into debt, top-ups, grants that lapse,
// amendments, voids, extensions, reversals, adjustments, the sweep; looked at and sealed all along.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { micros, type Currency, type Micros } from '@orbit/money';
import { createTestDatabase, seededRandom, uniqueId } from '@orbit/testing';
import pg from 'pg';
import type { LedgerCommand } from '../../../wallet-ledger/src/books/application/commands.js';
import { PostBatch } from '../../../wallet-ledger/src/books/application/post-batch.js';
import { LEDGER_RULES } from '../../../wallet-ledger/src/ledger-rules.js';
import type {
  ClaimRequest,
  HotBalancesPort,
  WalletKey,
} from '../../../wallet-ledger/src/books/application/ports.js';
import { FreezeWallet } from '../../../wallet-ledger/src/reconciliation/application/reconcile-freeze.js';
import { HotChecks } from '../../../wallet-ledger/src/reconciliation/application/reconcile-hot.js';
import { ReconcileWallets } from '../../../wallet-ledger/src/reconciliation/application/reconcile-wallets.js';
import { SealEntries } from '../../../wallet-ledger/src/proof/application/seal-entries.js';
import { TouchingHotBalances } from '../../../wallet-ledger/src/hot-balances/application/touched-wallets.js';
import { adjustWallet } from '../../../wallet-ledger/src/wallets/domain/adjust.js';
import {
  amendBlock,
  extendBlock,
  voidBlock,
} from '../../../wallet-ledger/src/blocks/domain/blocks-terms.js';
import { sweepExpired } from '../../../wallet-ledger/src/books/domain/expiry.js';
import {
  reversalReference,
  reverseCharge,
} from '../../../wallet-ledger/src/charges/domain/reversal.js';
import type { Breach } from '../../../wallet-ledger/src/reconciliation/domain/reconcile.js';
import { auditLedger } from '../../../wallet-ledger/src/books/adapters/ledger-audit.js';
import { PostgresLedgerStore } from '../../../wallet-ledger/src/books/adapters/postgres-ledger-store.js';
import { PostgresReconcileStore } from '../../../wallet-ledger/src/reconciliation/adapters/postgres-reconcile-store.js';
import { PostgresSealStore } from '../../../wallet-ledger/src/proof/adapters/postgres-seal-store.js';
import { databaseRecords } from './records.js';
import { LedgerVerifier } from '../proof/verifier.js';

const STEPS = 400;
const HOUR_MS = 3_600_000;
const random = seededRandom();

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: pg.Pool;
let nowMs = Date.now();
const clock = { nowMs: () => nowMs };

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.urlFor('orbit_wallet_ledger'), max: 4 });
});
afterAll(async () => {
  const findings = await auditLedger(pool);
  await pool.end();
  await database.drop();
  expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
});

/** Grants everything: the domain's own rules decide. */
const hot: HotBalancesPort = {
  claim: (requests: readonly ClaimRequest[]) =>
    Promise.resolve(
      requests.map(({ charges }) => ({
        granted: new Set(charges.map(({ chargeId }) => chargeId)),
        held: new Set<string>(),
      })),
    ),
  confirm: () => Promise.resolve(),
};

function createLedger() {
  const touching = new TouchingHotBalances(hot);
  const events = { publish: () => Promise.resolve() };
  const replies = { send: () => Promise.resolve() };
  const store = new PostgresLedgerStore(pool);
  const postBatch = new PostBatch(store, touching, events, replies, clock, LEDGER_RULES);
  const breaches: Breach[] = [];
  const watch = {
    breached: (_: unknown, found: readonly Breach[]) => void breaches.push(...found),
    repaired: () => undefined,
    alarm: (detail: string) => {
      throw new Error(detail);
    },
    published: () => undefined,
    gap: () => undefined,
    ran: () => Promise.resolve(),
  };
  const nothing = (keys: readonly WalletKey[]): Promise<null[]> =>
    Promise.resolve(keys.map(() => null));
  const checks = new HotChecks({ readHot: nothing, readHeld: nothing }, touching, watch, clock);
  const books = new PostgresReconcileStore(pool);
  const freezing = new FreezeWallet(books, checks, postBatch, watch, clock);
  const { forReconciliation, forSealing } = touching;
  const reconcile = new ReconcileWallets(books, checks, freezing, forReconciliation, watch, clock);
  const seals = new PostgresSealStore(pool);
  const seal = new SealEntries(seals, forSealing, events, watch, clock, 10_000);
  return { postBatch, reconcile, seal, breaches };
}

async function openWallet(currency: Currency): Promise<WalletKey> {
  const key = { organizationId: uniqueId('org'), currency };
  await pool.query(
    `INSERT INTO wallet_ledger.wallet (wallet_id, organization_id, currency, overdraft_micros)
     VALUES ($1, $2, $3, 40000000)`,
    [uniqueId('wal'), key.organizationId, currency],
  );
  return key;
}
const amount = (max: number): Micros => micros(BigInt(random.integer(1, max)) * 2_500n);

interface History {
  readonly key: WalletKey;
  readonly charges: string[];
  /** Sequence numbers of blocks that came in. */
  readonly blocks: bigint[];
}

/** One command that the ledger may as well refuse. */
function nextCommand({ key, charges, blocks }: History): LedgerCommand {
  const reference = uniqueId('r');
  const metadata = { reason: 'history', n: random.integer(0, 9) };
  const change = (
    reads: Extract<LedgerCommand, { kind: 'change' }>['reads'],
    apply: Extract<LedgerCommand, { kind: 'change' }>['apply'],
  ): LedgerCommand => ({ kind: 'change', key, reference: null, reads, apply });
  const aBlock = blocks.length === 0 ? 1n : random.pick(blocks as [bigint, ...bigint[]]);
  const term = { blockSequence: aBlock, reference, metadata };
  const ofBlock = { blocks: [aBlock] };
  switch (random.integer(0, 11)) {
    case 0:
    case 1:
      return {
        kind: 'credit',
        key,
        credit: {
          type: random.chance(0.5) ? 'topup' : 'grant',
          reference,
          amountMicros: amount(4_000),
          kind: random.chance(0.5) ? 'paid' : 'promotional',
          priority: random.integer(0, 2),
          effectiveAtMs: null,
          expiresAtMs: random.chance(0.5) ? nowMs + random.integer(1, 200) * HOUR_MS : null,
          occurredAtMs: nowMs,
          metadata,
        },
      };
    case 2:
      return change(ofBlock, (draft, { nowMs: at }) =>
        amendBlock(draft, { ...term, amountMicros: amount(5_000) }, at),
      );
    case 3:
      return change(ofBlock, (draft, { nowMs: at }) => voidBlock(draft, term, at));
    case 4:
      return change(ofBlock, (draft, { nowMs: at }) =>
        extendBlock(draft, { ...term, expiresAtMs: at + 50 * HOUR_MS, reopens: true }, at),
      );
    case 5:
      return change({}, (draft, { nowMs: at }) => ({
        status: 'changed',
        entries: sweepExpired(draft, at),
      }));
    case 6: {
      const signed = random.chance(0.5) ? amount(1_000) : micros(-amount(1_000));
      const adjustment = { amountMicros: signed, reference, metadata, allowsNegative: true };
      return change({}, (draft, { nowMs: at }) => adjustWallet(draft, adjustment, at));
    }
    case 7:
    case 8: {
      const chargeId =
        charges.length === 0 ? 'none' : random.pick(charges as [string, ...string[]]);
      const extendToMs = random.chance(0.3) ? nowMs + 9 * HOUR_MS : null;
      const amountMicros = random.chance(0.5) ? null : amount(300);
      const reversal = { chargeId, amountMicros, reference, extendToMs, metadata };
      const references = [`charge:${chargeId}`, reversalReference(chargeId)];
      return change({ references, blocks }, (draft, { nowMs: at, entriesOf }) => {
        const [charged, reversed] = references.map((name) => entriesOf(name));
        return reverseCharge(draft, reversal, {
          charged: charged ?? [],
          reversed: reversed ?? [],
          nowMs: at,
        });
      });
    }
    default: {
      const chargeId = uniqueId('c');
      charges.push(chargeId);
      return {
        kind: 'charge',
        key,
        replyTo: null,
        charge: {
          chargeId,
          amountMicros: amount(1_500),
          channel: random.pick(['sms', 'email', 'voice']),
          quantity: random.integer(1, 3),
          metadata,
          occurredAtMs: nowMs - random.integer(0, 30) * HOUR_MS,
          isAuthorized: random.chance(0.3),
          leaseId: null,
        },
      };
    }
  }
}

test(`T30 a random history: live checks and verifier agree with the ledger at every look (ORB_SEED=${random.seed})`, async () => {
  const ledger = createLedger();
  const keys = [await openWallet('USD'), await openWallet('EUR'), await openWallet('USD')];
  const histories = keys.map((key): History => ({ key, charges: [], blocks: [] }));
  let booked = 0;
  for (let step = 0; step < STEPS; step++) {
    nowMs += random.integer(1, 5) * HOUR_MS;
    const history = random.pick(histories as [History, ...History[]]);
    const [result] = await ledger.postBatch.run([nextCommand(history)], 'history');
    if (result?.status === 'booked') {
      booked += result.entries.length;
      for (const entry of result.entries) {
        if (entry.blockSequence === entry.sequence) history.blocks.push(entry.sequence);
      }
    }
    if (step % 7 === 0) {
      await ledger.reconcile.run();
      expect({ step, breaches: ledger.breaches }).toEqual({ step, breaches: [] });
    }
    if (step % 31 === 0) await ledger.seal.run();
  }
  await ledger.seal.run();
  expect(booked).toBeGreaterThan(STEPS / 3);

  const clients: pg.Client[] = [];
  const context = {
    postgres: async (options: pg.ClientConfig) => {
      const client = new pg.Client({ connectionString: database.adminUrl, ...options });
      clients.push(client);
      await client.connect();
      return client;
    },
  };
  const verifier = new LedgerVerifier();
  for await (const record of databaseRecords(context)) verifier.accept(record);
  for (const client of clients) await client.end();
  const { findings, counts } = verifier.finish() as unknown as {
    findings: unknown[];
    counts: Record<string, number>;
  };
  expect(findings).toEqual([]);
  expect(counts['sealed_entries']).toBe(counts['entries']);
}, 180_000);
