/**
 * Rows of wallet_ledger.entry as a plain pipe writes them: binary COPY, or unnest. Columns and their
 * types are read from the catalogue, so that the baseline writes what the ledger writes.
 */
import copyStreams from 'pg-copy-streams';

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const EPOCH_OFFSET_US = 946_684_800_000_000n;
const FIXED = { int2: 2, int4: 4, int8: 8, timestamptz: 8, bool: 1 };

/** Names and types of the columns of a table, in order. Generated ones are left out. */
export async function columnsOf(client, table) {
  const { rows } = await client.query(
    `SELECT a.attname AS name, t.typname AS type FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
     ORDER BY a.attnum`,
    [table],
  );
  return rows;
}

/** The largest number of bytes a row may take in binary COPY. */
function sizeOf(columns, row) {
  let size = 2;
  for (const { name, type } of columns) {
    size += 4;
    const value = row[name];
    if (value === null || value === undefined) continue;
    size += FIXED[type] ?? (typeof value === 'string' ? value.length * 3 + 1 : value.length + 1);
  }
  return size;
}

function writeValue(buffer, at, type, value) {
  switch (type) {
    case 'int2':
      buffer.writeInt32BE(2, at);
      return buffer.writeInt16BE(value, at + 4);
    case 'int4':
      buffer.writeInt32BE(4, at);
      return buffer.writeInt32BE(value, at + 4);
    case 'int8':
      buffer.writeInt32BE(8, at);
      return buffer.writeBigInt64BE(value, at + 4);
    case 'bool':
      buffer.writeInt32BE(1, at);
      return buffer.writeInt8(value ? 1 : 0, at + 4);
    case 'timestamptz':
      buffer.writeInt32BE(8, at);
      return buffer.writeBigInt64BE(BigInt(value) * 1_000n - EPOCH_OFFSET_US, at + 4);
    case 'bytea':
      buffer.writeInt32BE(value.length, at);
      return at + 4 + value.copy(buffer, at + 4);
    case 'jsonb': {
      buffer[at + 4] = 1; // The version of the format.
      const length = buffer.write(value, at + 5);
      buffer.writeInt32BE(length + 1, at);
      return at + 5 + length;
    }
    case 'text': {
      const length = buffer.write(value, at + 4);
      buffer.writeInt32BE(length, at);
      return at + 4 + length;
    }
    default:
      throw new Error(`The benchmark cannot write a column of type ${type}.`);
  }
}

/** All rows in one buffer of PostgreSQL's binary COPY format. */
export function encodeRows(columns, rows) {
  let size = SIGNATURE.length + 2;
  for (const row of rows) size += sizeOf(columns, row);
  const buffer = Buffer.allocUnsafe(size);
  let at = SIGNATURE.copy(buffer);
  for (const row of rows) {
    at = buffer.writeInt16BE(columns.length, at);
    for (const { name, type } of columns) {
      const value = row[name];
      at =
        value === null || value === undefined
          ? buffer.writeInt32BE(-1, at)
          : writeValue(buffer, at, type, value);
    }
  }
  at = buffer.writeInt16BE(-1, at);
  return buffer.subarray(0, at);
}

/** One COPY statement. */
export function copyRows(client, table, columns, rows) {
  const names = columns.map(({ name }) => name).join(', ');
  return new Promise((resolve, reject) => {
    const stream = client.query(
      copyStreams.from(`COPY ${table} (${names}) FROM STDIN (FORMAT binary)`),
    );
    stream.once('finish', resolve);
    stream.once('error', reject);
    stream.end(encodeRows(columns, rows));
  });
}

const toParameter = (type, value) => {
  if (value === null || value === undefined) return null;
  return type === 'timestamptz' ? new Date(value) : value;
};

/** One INSERT … SELECT FROM unnest. */
export function unnestRows(client, table, columns, rows) {
  const names = columns.map(({ name }) => name).join(', ');
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
  return client.query({
    name: `unnest ${table}`,
    text: `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays})`,
    values: columns.map(({ name, type }) => rows.map((row) => toParameter(type, row[name]))),
  });
}

export const WRITERS = { copy: copyRows, unnest: unnestRows };

/** Where the pipe keeps a hot balance; the ledger's own lie under the same key. */
export const hotKeyOf = (organizationId) => `orbit:{${organizationId}}:USD:wallet`;
