/**
 * The store alone: group commits of charges that are ready made, without Kafka and Redis, against the
 * best bare COPY of the same rows into a table with the same columns, indexes and constraints, over
 * the same number of connections.
 */
import pg from 'pg';
import { auditLedger } from '../../../apps/wallet-ledger/dist/books/adapters/ledger-audit.js';
import { median, row } from '../numbers.mjs';
import { profiled } from '../profile.mjs';
import { AMOUNT_MICROS, chargeEvent, CURRENCY } from './charges.mjs';
import { columnsOf, copyRows } from './entry-rows.mjs';
import { storeUnderTest } from './store-under-test.mjs';

/** Two thirds of what the six partitions of `charge.requested` give at once when much is waiting. */
const BATCH_SIZE = 10_000;
const DATABASE = 'bench_store';
const BARE = 'bench_bare.entry';
const CONNECTIONS = 2;
/** Past the groups that look references up because the process has just started. */
const WARM_BATCHES = 12;

/** Runs each connection's batches one after the other; answers rows a second over all of them. */
async function rateOf(lists, work) {
  const startedMs = performance.now();
  await Promise.all(
    lists.map(async (batches, connection) => {
      for (const batch of batches) await work(batch, connection);
    }),
  );
  const count = lists.flat(2).length;
  return (count / (performance.now() - startedMs)) * 1_000;
}

/** Disjoint wallets for each connection. */
function commandLists(organizations, batchesPerConnection) {
  return Array.from({ length: CONNECTIONS }, (_, connection) => {
    const own = organizations.filter((_, index) => index % CONNECTIONS === connection);
    return Array.from({ length: batchesPerConnection }, (_, batch) =>
      Array.from({ length: BATCH_SIZE }, (_, index) =>
        toCommand(own[((batch * BATCH_SIZE + index) * 7_919) % own.length]),
      ),
    );
  });
}

function toCommand(organizationId) {
  const { value } = chargeEvent(organizationId, Date.now());
  return {
    kind: 'charge',
    key: { organizationId, currency: CURRENCY },
    charge: {
      chargeId: value.charge_id,
      amountMicros: AMOUNT_MICROS,
      channel: value.channel,
      quantity: value.quantity,
      metadata: value.metadata,
      occurredAtMs: Date.parse(value.occurred_at),
      isAuthorized: true,
    },
    replyTo: null,
  };
}

function toRows(lists, numbers) {
  const next = new Map();
  return lists.map((batches) =>
    batches.map((batch) =>
      batch.map(({ key, charge }) => {
        const sequence = (next.get(key.organizationId) ?? 1n) + 1n;
        next.set(key.organizationId, sequence);
        return {
          wallet_no: numbers.get(key.organizationId),
          sequence,
          type: 2,
          from_account: 1,
          to_account: 2,
          slice: 0,
          notices: 0,
          amount_micros: charge.amountMicros,
          balance_after_micros: 1_000_000_000_000n - sequence * charge.amountMicros,
          block_sequence: 1n,
          quantity: charge.quantity,
          occurred_at: charge.occurredAtMs,
          booked_at: charge.occurredAtMs,
          reference: `charge:${charge.chargeId}`,
          channel: charge.channel,
          metadata: JSON.stringify(charge.metadata),
        };
      }),
    ),
  );
}

async function profiledRun(run, say) {
  const { result, text } = await profiled(run);
  say(text);
  return result;
}

/** An empty table like the ledger's, in a schema of its own. */
async function makeBareTable(client) {
  await client.query('CREATE SCHEMA bench_bare');
  await client.query(`CREATE TABLE ${BARE} (LIKE wallet_ledger.entry INCLUDING ALL)`);
}

export async function storeRows({ servers, options, template, organizations, say, note }) {
  const batches = options.isQuick ? 20 : 60;
  const rates = { ours: [], copy: [] };
  for (let number = 1; number <= options.rounds; number++) {
    await servers.copyDatabase(template, DATABASE);
    const admin = new pg.Pool({ connectionString: servers.adminUrlOf(DATABASE), max: CONNECTIONS });
    const pool = new pg.Pool({
      connectionString: servers.roleUrl(DATABASE, 'wallet_ledger'),
      max: CONNECTIONS + 1,
    });
    try {
      const columns = await columnsOf(admin, 'wallet_ledger.entry');
      await makeBareTable(admin);
      const { rows } = await admin.query(
        'SELECT organization_id, wallet_no FROM wallet_ledger.wallet',
      );
      const numbers = new Map(rows.map((one) => [one.organization_id, BigInt(one.wallet_no)]));
      const post = storeUnderTest(pool);
      // The first batches warm up compiler, caches and plans on both sides; their rows stay.
      for (const part of ['warm', 'measured']) {
        const lists = commandLists(organizations, part === 'warm' ? WARM_BATCHES : batches);
        await servers.checkpoint();
        const run = () => rateOf(lists, post);
        const ours = await (options.isProfiling && part === 'measured'
          ? profiledRun(run, say)
          : run());
        await servers.checkpoint();
        const rowLists = toRows(lists, numbers);
        const bare = await rateOf(rowLists, async (batch) => {
          const client = await admin.connect();
          try {
            await copyRows(client, BARE, columns, batch);
          } finally {
            client.release();
          }
        });
        if (part === 'measured') {
          rates.ours.push(ours);
          rates.copy.push(bare);
          say(`store-only: ours ${Math.round(ours)} rows/s, bare COPY ${Math.round(bare)} rows/s`);
        } else {
          await admin.query(`TRUNCATE ${BARE}`);
        }
      }
      await checkStore(admin, CONNECTIONS * BATCH_SIZE * batches);
    } finally {
      await Promise.all([admin.end(), pool.end()]);
      await servers.dropDatabase(DATABASE);
    }
  }
  note(
    `store-only: ${CONNECTIONS} connections, batches of ${BATCH_SIZE}, ${organizations.length} wallets`,
  );
  const [ours, baseline] = [median(rates.ours), median(rates.copy)];
  const ratio = ours / baseline;
  const unit = 'rows/s';
  return [
    row({ id: 'store-only', ours, baseline, ratio, target: '≥ 0.8', holds: ratio >= 0.8, unit }),
  ];
}

async function checkStore(admin, wanted) {
  const counts = await admin.query(
    `SELECT (SELECT count(*) FROM wallet_ledger.entry WHERE type = 2) AS ours, (SELECT count(*) FROM ${BARE}) AS bare`,
  );
  const warm = CONNECTIONS * BATCH_SIZE * WARM_BATCHES;
  const { ours, bare } = counts.rows[0];
  if (Number(ours) !== wanted + warm || Number(bare) !== wanted) {
    throw new Error(
      `No figure: ${ours} and ${bare} rows instead of ${wanted + warm} and ${wanted}.`,
    );
  }
  const broken = (await auditLedger(admin)).filter(({ violations }) => violations > 0);
  if (broken.length > 0) throw new Error(`No figure: ${JSON.stringify(broken)}`);
}
