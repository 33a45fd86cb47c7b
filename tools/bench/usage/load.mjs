/** Millions of events in little time: their table gets its indexes back when all are there. */
import { withClient } from '../servers.mjs';

/** Connections that write at once. */
const WRITERS = 2;

/** $1 customer, $2 events of it, $3–$4 numbers of those, $5 first instant, $6 days, $7 account. */
const INSERT = `
  INSERT INTO usage_metering.usage_event (event_no, account_id, idempotency_key, key_hash, version,
    customer_id, event_name, event_time, properties, state, ingested_at, fingerprint)
  SELECT $2::bigint * 10 + i, $7, $1 || i, md5($1 || i)::uuid, 1, $1, 'call',
    to_timestamp($5::float8 / 1000) + (i::float8 / $2) * $6::integer * interval '1 day',
    jsonb_build_object('bytes', i % 100), 'visible', now(), md5('f' || $1 || i)::uuid
  FROM generate_series($3::integer, $4::integer - 1) AS i`;

const INDEXES = `
  SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition, k.conname AS key,
    pg_get_constraintdef(k.oid) AS key_definition
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid
  WHERE i.indrelid = 'usage_metering.usage_event'::regclass`;

/** `customer`: {accountId, id, count, startMs, days}. Its events are spread evenly. */
export async function loadEvents(adminUrl, customer) {
  await withClient(adminUrl, async (admin) => {
    const { rows: indexes } = await admin.query(INDEXES);
    for (const { name, key } of indexes) {
      await admin.query(
        key
          ? `ALTER TABLE usage_metering.usage_event DROP CONSTRAINT ${key}`
          : `DROP INDEX usage_metering.${name}`,
      );
    }
    const { id, count, startMs, days, accountId } = customer;
    const bounds = Array.from({ length: WRITERS + 1 }, (_, at) =>
      Math.floor((count * at) / WRITERS),
    );
    await Promise.all(
      bounds
        .slice(1)
        .map((to, at) =>
          withClient(adminUrl, (client) =>
            client.query(INSERT, [id, count, bounds[at], to, startMs, days, accountId]),
          ),
        ),
    );
    await admin.query(`SET maintenance_work_mem = '1GB'`);
    for (const { definition, key, key_definition: keyDefinition } of indexes) {
      await admin.query(
        key
          ? `ALTER TABLE usage_metering.usage_event ADD CONSTRAINT ${key} ${keyDefinition}`
          : definition,
      );
    }
    await admin.query('VACUUM (FREEZE, ANALYZE) usage_metering.usage_event');
  });
}

const half = (from) =>
  `(('x' || substr(translate(fingerprint::text, '-', ''), ${from}, 16))::bit(64)::bigint)`;
/** Σ of numbers of 64 bits that a bigint has with a sign. */
const unsigned = (number) =>
  `(sum(${number}) + count(*) FILTER (WHERE ${number} < 0) * 18446744073709551616::numeric)`;

/** The sum of \`bytes\` as the product keeps it, from the events at once. $1 customer, $2 account. */
const ROLLED_UP = `
  SELECT l.id AS leaf_id, e.customer_id,
    date_bin('15 minutes', e.event_time, timestamptz '2000-01-01T00:00:00Z') AS bucket,
    (SELECT group_hash FROM usage_metering.usage_leaf_bucket LIMIT 1) AS group_hash,
    '[]'::text AS group_values, count(*) AS events, count(*) AS counted,
    sum((e.properties->>'bytes')::numeric) AS sum,
    mod(${unsigned(half(1))} * 18446744073709551616::numeric + ${unsigned(half(17))},
      340282366920938463463374607431768211456) AS fingerprint, false AS is_dirty
  FROM usage_metering.usage_event e JOIN usage_metering.usage_leaf l USING (account_id)
  WHERE e.customer_id = $1 AND e.account_id = $2
  GROUP BY 1, 2, 3`;
const COLUMNS =
  'leaf_id, customer_id, bucket, group_hash, group_values, events, counted, sum, fingerprint, is_dirty';

/** Rollups of a customer that the statement makes otherwise than the product did. */
export async function wrongRollups(admin, { id, accountId }) {
  const kept = `SELECT ${COLUMNS.replace('group_values', 'group_values::text')}
    FROM usage_metering.usage_leaf_bucket WHERE customer_id = $1`;
  const { rows } = await admin.query(
    `WITH made AS (${ROLLED_UP}), kept AS (${kept})
     SELECT count(*)::integer AS count FROM (
       (TABLE made EXCEPT TABLE kept) UNION ALL (TABLE kept EXCEPT TABLE made)
       UNION ALL (SELECT * FROM made WHERE (SELECT count(*) FROM kept) = 0)) AS wrong`,
    [id, accountId],
  );
  return rows[0].count;
}

export async function rollUp(admin, { id, accountId }) {
  await admin.query(
    `WITH made AS (${ROLLED_UP})
     INSERT INTO usage_metering.usage_leaf_bucket (${COLUMNS})
     SELECT ${COLUMNS.replace('group_values', 'group_values::json')} FROM made`,
    [id, accountId],
  );
  await admin.query(
    `INSERT INTO usage_metering.usage_leaf_fill (leaf_id, customer_id, filled_from)
     SELECT id, $1, '-infinity' FROM usage_metering.usage_leaf
     ON CONFLICT (leaf_id, customer_id) DO UPDATE SET filled_from = '-infinity'`,
    [id],
  );
  await admin.query('ANALYZE usage_metering.usage_leaf_bucket');
}
