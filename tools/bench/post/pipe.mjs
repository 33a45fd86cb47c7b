/**
 * The baseline of posting, a process of its own: the same parts with no logic. It consumes the same
 * messages with kafkajs, inserts the same rows and balances, sets the hot balances with one HSET per
 * wallet and batch, produces results of the same size with kafkajs, and commits its offsets. It does
 * not validate, look for repeats, reserve room, draw down blocks, notice crossings or fence anything.
 */
import { Redis } from 'ioredis';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { columnsOf, hotKeyOf, WRITERS } from './entry-rows.mjs';

const settings = JSON.parse(process.env.BENCH_PIPE);
const { brokers, topic, group, resultTopic, resultBytes, connections, writer, databaseUrl } =
  settings;
const TABLE = 'wallet_ledger.entry';
const BATCH_BYTES_MAX = 1024 * 1024;

const UPDATE_WALLETS = `
  UPDATE wallet_ledger.wallet w SET balance_micros = n.balance, sequence = n.sequence, version = w.version + 1
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS n (wallet_no, balance, sequence) WHERE w.wallet_no = n.wallet_no`;
const UPDATE_BLOCKS = `
  UPDATE wallet_ledger.credit_block b SET remaining_micros = n.balance
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS n (wallet_no, sequence, balance)
  WHERE b.wallet_no = n.wallet_no AND b.sequence = n.sequence`;

const pool = new pg.Pool({ connectionString: databaseUrl, max: connections });
const redis = new Redis(settings.redisUrl);
const kafka = new kafkajs.Kafka({ clientId: 'pipe', brokers, logLevel: kafkajs.logLevel.NOTHING });
const producer = kafka.producer({
  createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  allowAutoTopicCreation: false,
});
const consumer = kafka.consumer({
  groupId: group,
  maxBytesPerPartition: BATCH_BYTES_MAX,
  maxWaitTimeInMs: 500,
});

const columns = await pool.connect().then(async (client) => {
  const found = await columnsOf(client, TABLE);
  client.release();
  return found;
});
const wallets = new Map();
const { rows } = await pool.query(
  `SELECT w.organization_id, w.wallet_no, w.sequence, w.balance_micros, b.sequence AS block FROM wallet_ledger.wallet w
   JOIN wallet_ledger.credit_block b USING (wallet_no)`,
);
for (const row of rows) {
  wallets.set(row.organization_id, {
    no: BigInt(row.wallet_no),
    key: hotKeyOf(row.organization_id),
    block: BigInt(row.block),
    sequence: BigInt(row.sequence),
    balance: BigInt(row.balance_micros),
  });
}

function toMicros(amount) {
  const [whole, part = ''] = amount.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(part.padEnd(6, '0'));
}

const PADDING = 'x'.repeat(resultBytes);

/** A result of the size of ours with the same headers, and nothing that had to be worked out. */
function resultOf(value, id) {
  const head = `{"charge_id":"${value.charge_id}","padding":"`;
  return {
    key: value.organization_id,
    value: `${head}${PADDING.slice(0, Math.max(0, resultBytes - head.length - 2))}"}`,
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: 'charge.posted',
      ce_source: 'wallet-ledger',
      ce_time: value.occurred_at,
      'content-type': 'application/json',
    },
  };
}

async function write(entries, touched) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await WRITERS[writer](client, TABLE, columns, entries);
    const list = [...touched];
    const numbers = list.map(({ no }) => no);
    const balances = list.map(({ balance }) => balance);
    const sequences = list.map(({ sequence }) => sequence);
    await client.query({
      name: 'wallets',
      text: UPDATE_WALLETS,
      values: [numbers, balances, sequences],
    });
    const blocks = list.map(({ block }) => block);
    await client.query({
      name: 'blocks',
      text: UPDATE_BLOCKS,
      values: [numbers, blocks, balances],
    });
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

async function eachBatch({ batch, commitOffsetsIfNecessary, resolveOffset, heartbeat }) {
  const nowMs = Date.now();
  const entries = [];
  const results = [];
  const touched = new Set();
  for (const message of batch.messages) {
    const value = JSON.parse(message.value.toString());
    const wallet = wallets.get(value.organization_id);
    const amount = toMicros(value.amount);
    wallet.sequence += 1n;
    wallet.balance -= amount;
    touched.add(wallet);
    entries.push({
      wallet_no: wallet.no,
      sequence: wallet.sequence,
      type: 2,
      from_account: 1,
      to_account: 2,
      slice: 0,
      notices: 0,
      amount_micros: amount,
      balance_after_micros: wallet.balance,
      block_sequence: wallet.block,
      quantity: value.quantity,
      occurred_at: Date.parse(value.occurred_at),
      booked_at: nowMs,
      reference: `charge:${value.charge_id}`,
      channel: value.channel,
      metadata: JSON.stringify(value.metadata),
    });
    results.push(resultOf(value, `posted:${wallet.no}.${wallet.sequence}`));
  }
  await write(entries, touched);
  const pipeline = redis.pipeline();
  for (const { key, balance, sequence } of touched) {
    pipeline.hset(key, 'posted', balance.toString(), 'version', sequence.toString());
  }
  await pipeline.exec();
  await producer.send({ topic: resultTopic, acks: -1, messages: results });
  const offset = (BigInt(batch.lastOffset()) + 1n).toString();
  const partitions = [{ partition: batch.partition, offset }];
  await commitOffsetsIfNecessary({ topics: [{ topic, partitions }] });
  resolveOffset(batch.lastOffset());
  await heartbeat();
}

process.once('SIGTERM', () => {
  void Promise.allSettled([consumer.disconnect(), producer.disconnect()]).then(() =>
    process.exit(0),
  );
});
await Promise.all([producer.connect(), consumer.connect()]);
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  partitionsConsumedConcurrently: connections,
  // A pipe that fails once has lost its balances: the round is void.
  eachBatch: (payload) =>
    eachBatch(payload).catch((error) => {
      console.error(error);
      process.exit(1);
    }),
});
