/** The least that keeps the same rows under the same unique key: unnest or COPY, the faster. */
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import {
  INSERT_USAGE_EVENTS,
  usageEventColumns,
} from '../../../apps/usage-metering/dist/events/adapters/usage-event-rows.js';
import {
  fingerprintOf,
  keyHashOf,
} from '../../../apps/usage-metering/dist/events/domain/fingerprint.js';
import { cpuText, watchCpu } from '../cpu.mjs';
import { short } from '../numbers.mjs';
import { EMPTY } from '../servers.mjs';

const DATABASE = 'bench_bare_usage';
const TABLE = 'bench_bare.usage_event';
const CONNECTIONS = 2;
/** The most that one transaction of usage-metering takes. */
const BATCH = 4_000;
const COLUMNS =
  'event_no, account_id, idempotency_key, key_hash, version, customer_id, external_customer_id, ' +
  'event_name, event_time, properties, state, backfill_id, ingested_at, fingerprint';

function batchesOf(messages) {
  let number = 0n;
  const events = messages.flatMap(({ value }) =>
    value.events.map((one) => {
      const event = {
        ...{ eventNo: ++number, accountId: value.account_id, idempotencyKey: one.idempotency_key },
        ...{ version: 1, customerId: value.customer_id, externalCustomerId: null },
        ...{ eventName: one.event_name, timestampMs: Date.parse(one.timestamp) },
        ...{ properties: one.properties, state: 'visible', backfillId: null },
        ingestedAtMs: Date.now(),
      };
      return { ...event, fingerprint: fingerprintOf(event) };
    }),
  );
  const batches = [];
  for (let from = 0; from < events.length; from += BATCH) {
    const part = events.slice(from, from + BATCH);
    const hashes = part.map(({ idempotencyKey }) => keyHashOf(idempotencyKey));
    batches.push(usageEventColumns(part, hashes));
  }
  return batches;
}

const cell = (value) =>
  value === null ? '\\N' : String(value).replace(/[\\\t\n\r]/g, (found) => `\\${found}`);
const textOf = (columns) =>
  columns[0].map((_, at) => columns.map((column) => cell(column[at])).join('\t')).join('\n') + '\n';

const WAYS = {
  unnest: (client, columns) =>
    client.query(INSERT_USAGE_EVENTS.replace('usage_metering.usage_event', TABLE), columns),
  copy: (client, columns) =>
    pipeline(
      Readable.from([textOf(columns)]),
      client.query(copyFrom(`COPY ${TABLE} (${COLUMNS}) FROM STDIN`)),
    ),
};

async function rateOf(servers, batches, way) {
  await servers.copyDatabase(EMPTY, DATABASE);
  const pool = new pg.Pool({ connectionString: servers.adminUrlOf(DATABASE), max: CONNECTIONS });
  try {
    await pool.query('CREATE SCHEMA bench_bare');
    await pool.query(`CREATE TABLE ${TABLE} (LIKE usage_metering.usage_event INCLUDING ALL)`);
    await pool.query(`ALTER TABLE ${TABLE} ADD UNIQUE (account_id, key_hash)`);
    await servers.checkpoint();
    const queue = [...batches];
    const cpu = watchCpu({ client: process.pid, postgres: servers.pids.postgres });
    const startedMs = performance.now();
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        const client = await pool.connect();
        for (let next = queue.shift(); next; next = queue.shift()) await WAYS[way](client, next);
        client.release();
      }),
    );
    const count = batches.reduce((sum, [numbers]) => sum + numbers.length, 0);
    const rate = (count / (performance.now() - startedMs)) * 1_000;
    return { rate, cpu: cpuText(cpu(count)) };
  } finally {
    await pool.end();
    await servers.dropDatabase(DATABASE);
  }
}

/** Rows a second of the faster way. */
export async function bareRate({ servers, messages, note }) {
  const batches = batchesOf(messages);
  const found = {};
  for (const way of Object.keys(WAYS)) found[way] = await rateOf(servers, batches, way);
  const said = Object.entries(found).map(
    ([way, { rate, cpu }]) => `${way} ${short(rate)}/s (${cpu})`,
  );
  note(`bare rows: ${said.join('; ')}; CPU in µs per event`);
  return Math.max(...Object.values(found).map(({ rate }) => rate));
}
