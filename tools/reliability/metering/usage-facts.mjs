/**
 * Facts of usage-metering after any history: every event that was accepted counts once, with its last content, or not
 * at all when it was deprecated; the registry, the volumes and the rollups agree with the events. Returns facts with
 * examples that deny them.
 */
import { RollupChange } from '../../../apps/usage-metering/dist/aggregation/domain/rollup-change.js';
import { keyOfOrdered } from '../../../apps/usage-metering/dist/aggregation/domain/copied-rows.js';
import { fingerprintOf } from '../../../apps/usage-metering/dist/events/domain/fingerprint.js';
import { compileLeaf } from '../../../apps/usage-metering/dist/metrics/domain/counting.js';

const HOUR_MS = 3_600_000;
const ALWAYS = Number.NEGATIVE_INFINITY;

export const eventId = (accountId, key) => `${accountId} ${key}`;

/** `accepted`: eventId → {accountId, key, customerId, eventName, timestampMs, properties, isDeprecated}. */
export async function usageFacts(pool, accepted) {
  const stored = await readStored(pool);
  return {
    ...eventFacts(stored, accepted),
    'keys that do not stand for their event': await wrongKeys(pool),
    'hours whose volume is not the number of their events': await wrongVolumes(pool, accepted),
    'rollups that a recount does not find': await wrongRollups(pool, accepted),
  };
}

async function readStored(pool) {
  const { rows } = await pool.query(
    `SELECT account_id, idempotency_key, version, state, customer_id, event_name, event_time, properties, fingerprint
     FROM usage_metering.usage_event ORDER BY version`,
  );
  return groupBy(rows, idOf);
}

const idOf = (row) => eventId(row.account_id, row.idempotency_key);

function groupBy(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

function eventFacts(stored, accepted) {
  const facts = {
    'accepted events that are not stored': [],
    'events that count more than once': [],
    'events that count though they were deprecated': [],
    'events that do not count': [],
    'events with another content than the last that was accepted': [],
    'events that nobody sent': [...stored.keys()].filter((id) => !accepted.has(id)),
  };
  for (const [id, event] of accepted) {
    const versions = stored.get(id) ?? [];
    const visible = versions.filter(({ state }) => state === 'visible');
    if (versions.length === 0) facts['accepted events that are not stored'].push(id);
    else if (visible.length > 1) facts['events that count more than once'].push(id);
    else if (event.isDeprecated) {
      if (visible.length > 0) facts['events that count though they were deprecated'].push(id);
    } else if (visible.length === 0) facts['events that do not count'].push(id);
    else if (!isSame(visible[0], event)) {
      facts['events with another content than the last that was accepted'].push(id);
    }
  }
  return facts;
}

const isSame = (row, event) =>
  row.customer_id === event.customerId &&
  row.event_time.getTime() === event.timestampMs &&
  row.fingerprint.replaceAll('-', '') === fingerprintFor(event);

const fingerprintFor = (event) => fingerprintOf({ ...event, idempotencyKey: event.key });

async function wrongKeys(pool) {
  const { rows } = await pool.query(
    `SELECT coalesce(k.account_id, e.account_id) AS account_id, e.idempotency_key
     FROM usage_metering.usage_key k
     FULL JOIN (SELECT * FROM usage_metering.usage_event WHERE state IN ('visible', 'deprecated')) e
       USING (account_id, key_hash)
     WHERE k.event_no IS DISTINCT FROM e.event_no OR k.version IS DISTINCT FROM e.version
       OR (k.state = 'live') IS DISTINCT FROM (e.state = 'visible')`,
  );
  return rows.map(idOf);
}

const counting = (accepted) => [...accepted.values()].filter(({ isDeprecated }) => !isDeprecated);

async function wrongVolumes(pool, accepted) {
  const { rows } = await pool.query(
    `SELECT account_id, hour, sum(event_count)::int AS count FROM usage_metering.usage_volume GROUP BY 1, 2`,
  );
  const counts = new Map(rows.map((row) => [`${row.account_id} ${row.hour.getTime()}`, row.count]));
  for (const { accountId, timestampMs } of counting(accepted)) {
    const hour = `${accountId} ${Math.floor(timestampMs / HOUR_MS) * HOUR_MS}`;
    counts.set(hour, (counts.get(hour) ?? 0) - 1);
  }
  return [...counts].filter(([, count]) => count !== 0).map(([hour, count]) => `${hour}:${count}`);
}

/** Every leaf that is full for a customer, against what was accepted. */
async function wrongRollups(pool, accepted) {
  const { rows: leaves } = await pool.query(
    'SELECT id::text, account_id, leaf FROM usage_metering.usage_leaf',
  );
  const { rows: fills } = await pool.query(
    "SELECT leaf_id::text, customer_id, filled_from = '-infinity' AS is_full FROM usage_metering.usage_leaf_fill",
  );
  const unfilled = fills.filter(({ is_full }) => !is_full).map((row) => `unfilled:${row.leaf_id}`);
  const followed = new Set(fills.map((row) => `${row.leaf_id} ${row.customer_id}`));
  const change = new RollupChange();
  for (const { id, account_id: accountId, leaf } of leaves) {
    const compiled = compileLeaf(leaf);
    for (const event of counting(accepted)) {
      const { customerId } = event;
      if (event.accountId !== accountId || !followed.has(`${id} ${customerId}`)) continue;
      const counted = { ...event, idempotencyKey: event.key, externalCustomerId: null };
      const fingerprint = fingerprintFor(event);
      change.add(
        { id, leaf, compiled, fromMs: ALWAYS },
        customerId,
        { ...counted, fingerprint },
        1,
      );
    }
  }
  const buckets = await differences(pool, BUCKETS, change.bucketChanges.map(bucketText));
  const values = await differences(pool, VALUES, change.valueChanges.map(valueText));
  return [...unfilled, ...buckets, ...values];
}

const decimal = (value) =>
  value === null
    ? ''
    : String(value)
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, '');
const bucketText = (b) =>
  [
    ...[b.leafId, b.customerId, b.bucketMs, b.groupHash, b.events, b.counted],
    ...[decimal(b.sum), b.fingerprint, decimal(b.min), decimal(b.max), decimal(b.moment)],
    ...(b.latest ? [b.latest.atMs, b.latest.key, decimal(b.latest.value)] : ['']),
    false,
  ].join(' ');
const valueText = (v) =>
  [
    ...[v.leafId, v.customerId, v.hourMs, v.groupHash, v.valueHash],
    ...[decimal(v.number), v.count],
  ].join(' ');

/** Rows that have become empty may stay, or be gone. */
const BUCKETS = {
  sql: `SELECT * FROM usage_metering.usage_leaf_bucket WHERE events <> 0 OR counted <> 0 OR sum <> 0 OR fingerprint <> 0`,
  textOf: (row) =>
    bucketText({
      ...{ leafId: row.leaf_id, customerId: row.customer_id, bucketMs: row.bucket.getTime() },
      ...{
        groupHash: row.group_hash.replaceAll('-', ''),
        events: row.events,
        counted: row.counted,
      },
      ...{ sum: row.sum, fingerprint: row.fingerprint, min: row.min, max: row.max },
      moment: row.moment,
      latest: row.latest_at && {
        atMs: row.latest_at.getTime(),
        key: keyOfOrdered(row.latest_key.toString('hex')),
        value: row.latest,
      },
    }).replace(/false$/, String(row.is_dirty)),
};
const VALUES = {
  sql: 'SELECT * FROM usage_metering.usage_leaf_value WHERE count <> 0',
  textOf: (row) =>
    valueText({
      ...{ leafId: row.leaf_id, customerId: row.customer_id, hourMs: row.hour.getTime() },
      ...{ groupHash: row.group_hash.replaceAll('-', ''), count: row.count },
      valueHash: row.value_hash.replaceAll('-', ''),
      number: row.number,
    }),
};

async function differences(pool, { sql, textOf }, expected) {
  const { rows } = await pool.query(sql);
  const found = new Set(rows.map(textOf));
  const right = new Set(expected);
  return [
    ...[...right].filter((text) => !found.has(text)).map((text) => `missing ${text}`),
    ...[...found].filter((text) => !right.has(text)).map((text) => `stored ${text}`),
  ];
}
