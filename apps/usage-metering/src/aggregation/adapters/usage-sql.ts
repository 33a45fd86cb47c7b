/** Events of one customer in the order of time, after one of them. */
export const READ_EVENTS = `
  SELECT event_no, idempotency_key, customer_id, external_customer_id, event_name, event_time,
    properties, fingerprint
  FROM usage_metering.usage_event
  WHERE account_id = $1 AND customer_id = $2 AND state = 'visible' AND event_time < $3
    AND (event_time, event_no) > ($4::timestamptz, $5::bigint)
  ORDER BY event_time, event_no LIMIT $6`;

/** Leaves that are rolled up for a customer, and from when on. */
export const READ_ROLLED_LEAVES = `
  SELECT l.id::text, l.hash::text,
    CASE WHEN f.filled_from = '-infinity' THEN '-Infinity'
         WHEN f.filled_from = 'infinity' THEN 'Infinity'
         ELSE (extract(epoch FROM f.filled_from) * 1000)::bigint::text END AS from_ms
  FROM usage_metering.usage_leaf l
  JOIN usage_metering.usage_leaf_fill f ON f.leaf_id = l.id AND f.customer_id = $2
  WHERE l.account_id = $1 AND l.hash = ANY($3::uuid[]) AND l.stopped_at IS NULL`;

const RANGES = `unnest($3::integer[], $4::timestamptz[], $5::timestamptz[]) AS w (no, from_at, to_at)`;

/** $1 customer, $2 leaves, $3–$5 windows. */
export const READ_ROLLED_GROUPS = `
  SELECT b.leaf_id::text, w.no AS window_no, min(b.group_values::text)::json AS group_values,
    sum(b.events)::text AS events, sum(b.counted)::text AS counted, sum(b.sum)::text AS sum,
    sum(b.moment)::text AS moment, min(b.min)::text AS min, max(b.max)::text AS max,
    count(b.latest_at) > 0 AS has_latest, b.group_hash::text,
    mod(sum(b.fingerprint), 340282366920938463463374607431768211456)::text AS fingerprint,
    bool_or(b.is_dirty) AS is_dirty
  FROM ${RANGES}
  JOIN usage_metering.usage_leaf_bucket b
    ON b.leaf_id = ANY($2::bigint[]) AND b.customer_id = $1
    AND b.bucket >= w.from_at AND b.bucket < w.to_at
  GROUP BY b.leaf_id, w.no, b.group_hash`;

/** The latest value of each group that has one; parameters as above. */
export const READ_ROLLED_LATEST = `
  SELECT DISTINCT ON (b.leaf_id, w.no, b.group_hash) b.leaf_id::text, w.no AS window_no,
    b.group_hash::text, b.latest_at, encode(b.latest_key, 'hex') AS latest_key, b.latest::text
  FROM ${RANGES}
  JOIN usage_metering.usage_leaf_bucket b
    ON b.leaf_id = ANY($2::bigint[]) AND b.customer_id = $1
    AND b.bucket >= w.from_at AND b.bucket < w.to_at
  WHERE b.latest_at IS NOT NULL
  ORDER BY b.leaf_id, w.no, b.group_hash, b.latest_at DESC`;

/** At most $6 of them. */
export const READ_ROLLED_VALUES = `
  SELECT v.leaf_id::text, w.no AS window_no, min(v.group_values::text)::json AS group_values,
    v.value_hash::text, min(v.number)::text AS number, sum(v.count)::text AS count
  FROM ${RANGES}
  JOIN usage_metering.usage_leaf_value v
    ON v.leaf_id = ANY($2::bigint[]) AND v.customer_id = $1
    AND v.hour >= w.from_at AND v.hour < w.to_at AND v.count > 0
  GROUP BY v.leaf_id, w.no, v.group_hash, v.value_hash LIMIT $6`;

/** Customers are held in a few hundred buckets, so that a batch of many customers needs few locks. */
export const LOCK_BUCKET_COUNT = 256;
export const HOLD_SHARED = `
  SELECT pg_advisory_xact_lock_shared(1397048130, k) FROM unnest($1::integer[]) AS k`;
export const HOLD_ALONE = `
  SELECT pg_advisory_xact_lock(1397048130, k) FROM unnest($1::integer[]) AS k`;

/** Which leaves are to be kept for which of these customers; a pair that is new waits to be filled. */
export const READ_FILLS = `
  SELECT l.account_id, l.id::text AS leaf_id, c.customer_id,
    CASE WHEN f.leaf_id IS NULL THEN NULL
         WHEN f.filled_from = '-infinity' THEN '-Infinity'
         WHEN f.filled_from = 'infinity' THEN 'Infinity'
         ELSE (extract(epoch FROM f.filled_from) * 1000)::bigint::text END AS from_ms
  FROM unnest($1::text[], $2::text[]) AS c (account_id, customer_id)
  JOIN usage_metering.usage_leaf l ON l.account_id = c.account_id AND l.stopped_at IS NULL
  LEFT JOIN usage_metering.usage_leaf_fill f
    ON f.leaf_id = l.id AND f.customer_id = c.customer_id`;

export const WISH_FILLS = `
  INSERT INTO usage_metering.usage_leaf_fill (leaf_id, customer_id, filled_from)
  SELECT leaf_id, customer_id, 'infinity' FROM unnest($1::bigint[], $2::text[])
    AS w (leaf_id, customer_id) ORDER BY 1, 2
  ON CONFLICT (leaf_id, customer_id) DO NOTHING`;

const MODULUS = '340282366920938463463374607431768211456';

/** Compares as JavaScript does: keys are kept in UTF-16, bytes in order. */
const IS_LATER = `(b.latest_at IS NULL
      OR (excluded.latest_at, excluded.latest_key) > (b.latest_at, b.latest_key))`;
const laterOf = (column: string): string =>
  `${column} = CASE WHEN ${IS_LATER} THEN excluded.${column} ELSE b.${column} END`;

export const CHANGE_BUCKETS = `
  INSERT INTO usage_metering.usage_leaf_bucket AS b
    (leaf_id, customer_id, bucket, group_hash, group_values, events, counted, sum, fingerprint,
     is_dirty, moment, min, max, latest_at, latest_key, latest)
  SELECT leaf_id, customer_id, bucket, group_hash, group_values, events, counted, sum, fingerprint,
    is_dirty, moment, min, max, latest_at, decode(latest_key, 'hex'), latest
  FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::uuid[], $5::json[], $6::bigint[],
    $7::bigint[], $8::numeric[], $9::numeric[], $10::boolean[], $11::numeric[], $12::numeric[],
    $13::numeric[], $14::timestamptz[], $15::text[], $16::numeric[])
    AS c (leaf_id, customer_id, bucket, group_hash, group_values, events, counted, sum, fingerprint,
      is_dirty, moment, min, max, latest_at, latest_key, latest)
  ON CONFLICT (leaf_id, customer_id, bucket, group_hash) DO UPDATE SET
    events = b.events + excluded.events, counted = b.counted + excluded.counted,
    sum = b.sum + excluded.sum, fingerprint = mod(b.fingerprint + excluded.fingerprint, ${MODULUS}),
    is_dirty = b.is_dirty OR excluded.is_dirty, moment = b.moment + excluded.moment,
    min = least(b.min, excluded.min), max = greatest(b.max, excluded.max),
    ${['latest_at', 'latest_key', 'latest'].map(laterOf).join(', ')}
  RETURNING leaf_id::text, customer_id, bucket, (xmax = 0) AS is_new`;

/** Groups of one bucket that a leaf may have; with more it is read from events again. */
export const GROUPS_MAX = 10_000;

/** Adds new groups to the count of their bucket; a leaf that has too many is stopped, and says since when. */
export const COUNT_GROUPS = `
  WITH counted AS (
    UPDATE usage_metering.usage_leaf_fill f SET
      crowded_groups = CASE WHEN f.crowded_bucket = n.bucket THEN f.crowded_groups ELSE 0 END + n.groups,
      crowded_bucket = n.bucket
    FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::integer[])
      AS n (leaf_id, customer_id, bucket, groups)
    WHERE f.leaf_id = n.leaf_id AND f.customer_id = n.customer_id
    RETURNING f.leaf_id, f.crowded_groups
  )
  UPDATE usage_metering.usage_leaf SET stopped_at = $5 WHERE stopped_at IS NULL
    AND id IN (SELECT leaf_id FROM counted WHERE crowded_groups > ${GROUPS_MAX})
  RETURNING id::text`;

export const CHANGE_VALUES = `
  INSERT INTO usage_metering.usage_leaf_value AS v
    (leaf_id, customer_id, hour, group_hash, group_values, value_hash, number, count)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::uuid[], $5::json[],
    $6::uuid[], $7::numeric[], $8::bigint[])
  ON CONFLICT (leaf_id, customer_id, hour, group_hash, value_hash)
  DO UPDATE SET count = v.count + excluded.count`;

/**
 * Customers' usage changed; and closed windows of theirs that hold an instant between the first and the last one.
 * Returns where usage is counted from: whoever changes that holds all customers alone.
 */
export const MARK_CHANGED = `
  WITH versions AS (
    INSERT INTO usage_metering.customer_usage AS u (account_id, customer_id, version)
    SELECT account_id, customer_id, 1 FROM unnest($1::text[], $2::text[]) AS c (account_id, customer_id)
    ORDER BY 1, 2
    ON CONFLICT (account_id, customer_id) DO UPDATE SET version = u.version + 1
  ), marked AS (
    UPDATE usage_metering.usage_closing SET is_stale = true WHERE no IN (
      SELECT no FROM usage_metering.usage_closing
      WHERE account_id = ANY($1::text[]) AND customer_ids && $2::text[] AND revision = 0
        AND window_from <= $4 AND window_to > $3 AND NOT is_stale
      ORDER BY no FOR NO KEY UPDATE)
  )
  SELECT store FROM usage_metering.usage_storage`;

export const READ_VERSIONS = `
  SELECT customer_id, version::text FROM usage_metering.customer_usage
  WHERE account_id = $1 AND customer_id = ANY($2::text[])`;
