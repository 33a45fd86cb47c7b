import { NUMBER_PLACES } from '../domain/copied-rows.js';

/** Names of the tables of one copy. */
export const tablesOf = (copyId: string) => ({
  events: `usage_event_${copyId}`,
  values: `usage_value_${copyId}`,
});

/**
 * Rows are only ever added: an event that goes is a row with sign -1. So what was true at a block stays readable while
 * later blocks come. A block is one insert, and an insert one part: it is there whole or not at all.
 */
const ENGINE = `SETTINGS non_replicated_deduplication_window = 1000`;

/** Versions of events that count, or no longer do. */
export const createEvents = (table: string): string => `
  CREATE TABLE IF NOT EXISTS ${table} (
    account_id String, customer_id String, at_ms Int64, event_no Int64, sign Int8, block_no UInt64,
    idempotency_key String, external_customer_id Nullable(String), event_name String,
    properties String, fingerprint FixedString(32)
  ) ENGINE = MergeTree ORDER BY (account_id, customer_id, at_ms, event_no, block_no) ${ENGINE}`;

/**
 * The worth of an event for a leaf, decided once, where it is written. \`number\` holds every value that is not
 * \`is_odd\`; sums of a hundred thousand million of them, multiplied by an instant, stay within 76 digits.
 */
export const createValues = (table: string): string => `
  CREATE TABLE IF NOT EXISTS ${table} (
    leaf_id Int64, customer_id String, at_ms Int64, event_no Int64, sign Int8, block_no UInt64,
    group_values String, is_counted UInt8, number Decimal(76, ${NUMBER_PLACES}), is_odd UInt8,
    hash String, latest_key String, fingerprint UInt128
  ) ENGINE = MergeTree ORDER BY (leaf_id, customer_id, at_ms, event_no, block_no) ${ENGINE}`;

/** Whole numbers, as they stand in a statement. */
export const listed = (numbers: readonly (number | bigint | string)[]): string =>
  numbers.map((number) => BigInt(number).toString()).join(', ');

/** Rows of one table in which each event that is left stands once; \`columns\` are those beside \`key\`. */
function left(table: string, where: string, key: readonly string[], columns: readonly string[]) {
  const once = columns.map((name) => `any(${name}) AS the_${name}`).join(', ');
  const plain = columns.map((name) => `${name} AS the_${name}`).join(', ');
  const gone = `(SELECT event_no FROM ${table} WHERE ${where} AND sign = -1)`;
  return `(
    SELECT ${key.join(', ')}, ${plain} FROM ${table} WHERE ${where} AND event_no NOT IN ${gone}
    UNION ALL
    SELECT ${key.join(', ')}, ${once} FROM ${table} WHERE ${where} AND event_no IN ${gone}
    GROUP BY ${key.join(', ')} HAVING sum(sign) > 0
  )`;
}

export interface Part {
  readonly fromMs: number;
  readonly toMs: number;
  /** The last block that is looked at. */
  readonly upTo: string;
  /** Events that are left out. */
  readonly without: readonly bigint[];
}

const within = ({ fromMs, toMs, upTo, without }: Part): string => `
  customer_id = {customer:String} AND at_ms >= ${listed([fromMs])} AND at_ms < ${listed([toMs])}
  AND block_no <= ${listed([upTo])}
  ${without.length > 0 ? `AND event_no NOT IN (${listed(without)})` : ''}`;

export interface AfterEvent {
  readonly atMs: number;
  readonly eventNo: string;
}

/** Parameters: account, customer. */
export const readEvents = (table: string, part: Part, after: AfterEvent, limit: number): string => {
  const where = `account_id = {account:String} AND ${within(part)}
    AND (at_ms, event_no) > (${listed([after.atMs])}, ${listed([after.eventNo])})`;
  const columns = ['idempotency_key', 'external_customer_id', 'event_name', 'properties'];
  return `
    SELECT toString(at_ms) AS at, toString(event_no) AS no, the_idempotency_key AS idempotency_key,
      the_external_customer_id AS external_customer_id, the_event_name AS event_name,
      the_properties AS properties, the_fingerprint AS fingerprint
    FROM ${left(table, where, ['at_ms', 'event_no'], [...columns, 'fingerprint'])}
    ORDER BY at_ms, event_no LIMIT ${limit}`;
};

export interface ValuesAsked {
  readonly leafIds: readonly string[];
  /** Beginnings of the segments that are counted apart, ascending. */
  readonly bounds: readonly number[];
}

const segments = (table: string, { leafIds, bounds }: ValuesAsked, part: Part, columns: string[]) =>
  `(SELECT *, toInt64(at_ms) AS at, roundDown(at_ms, [${listed(bounds)}]::Array(Int64)) AS segment
    FROM ${left(
      table,
      `leaf_id IN (${listed(leafIds)}) AND ${within(part)}`,
      ['leaf_id', 'at_ms', 'event_no'],
      ['group_values', 'is_counted', ...columns],
    )})`;

/** Sums and bounds per leaf, segment and group. Parameter: customer. */
export const readGroups = (table: string, asked: ValuesAsked, part: Part): string => `
  SELECT toString(leaf_id) AS leaf, toString(segment) AS from_ms, the_group_values AS group_values,
    toString(count()) AS events, toString(sum(the_is_counted)) AS counted,
    toString(sum(the_number)) AS sum, toString(sum(the_number * at)) AS moment,
    toString(minIf(the_number, the_is_counted = 1)) AS min,
    toString(maxIf(the_number, the_is_counted = 1)) AS max,
    toString(sum(toUInt256(the_fingerprint))) AS fingerprint, max(the_is_odd) AS is_odd,
    toString(maxIf(at, the_is_counted = 1)) AS latest_ms,
    argMaxIf(the_latest_key, (at, the_latest_key), the_is_counted = 1) AS latest_key,
    toString(argMaxIf(the_number, (at, the_latest_key), the_is_counted = 1)) AS latest
  FROM ${segments(table, asked, part, ['number', 'is_odd', 'latest_key', 'fingerprint'])}
  GROUP BY leaf_id, segment, the_group_values`;

/** Values that occur per leaf, segment and group, at most `limit`. Parameter: customer. */
export const readValues = (
  table: string,
  asked: ValuesAsked,
  part: Part,
  limit: number,
): string => `
  SELECT toString(leaf_id) AS leaf, toString(segment) AS from_ms, the_group_values AS group_values,
    the_hash AS hash, toString(the_number) AS number, toString(count()) AS count
  FROM ${segments(table, asked, part, ['number', 'hash'])}
  WHERE the_is_counted = 1
  GROUP BY leaf_id, segment, the_group_values, the_hash, the_number LIMIT ${listed([limit])}`;

/** A page of the walk over an account's events before a block. Parameters: account, customer. */
export const walkEvents = (
  table: string,
  {
    fromBlock,
    atMs,
    eventNo,
    blockNo,
  }: Record<'fromBlock' | 'atMs' | 'eventNo' | 'blockNo', string>,
  limit: number,
): string => `
  SELECT customer_id, toString(at_ms) AS at, toString(event_no) AS no, sign,
    toString(block_no) AS block, idempotency_key, external_customer_id, event_name, properties,
    fingerprint
  FROM ${table}
  WHERE account_id = {account:String} AND block_no < ${listed([fromBlock])}
    AND (customer_id, at_ms, event_no, block_no)
      > ({customer:String}, ${listed([atMs, eventNo, blockNo])})
  ORDER BY customer_id, at_ms, event_no, block_no LIMIT ${limit}`;

export const countRows = (table: string): string =>
  `SELECT toString(count()) AS count FROM ${table}`;
