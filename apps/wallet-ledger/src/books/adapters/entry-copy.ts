import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ACCOUNTS, ENTRY_TYPES, type Entry } from '../domain/wallet.js';
import { ENTRY_COLUMNS } from './ledger-store.sql.js';

const COPY_ENTRIES = `COPY wallet_ledger.entry (${ENTRY_COLUMNS}) FROM STDIN (FORMAT binary)`;

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const COLUMN_COUNT = 17;
const NULL_LENGTH = -1;
const JSONB_VERSION = 1;
/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
/** Everything of a row but its texts: 17 lengths and the fixed columns. */
const FIXED_BYTES = 2 + COLUMN_COUNT * 4 + 5 * 8 + 5 * 2 + 4 + 2 * 8 + 1;
/** UTF-8 takes at most this many bytes per UTF-16 unit. */
const BYTES_PER_UNIT_MAX = 3;
const SHORT_TEXT_MAX = 100;
const ASCII_MAX = 0x7f;

/**
 * Entries by binary COPY: one statement whatever their number, and no text on the way. Measured beside
 * unnest in docs/benchmarks.md.
 */
export async function copyEntries(client: PoolClient, entries: readonly Entry[]): Promise<void> {
  const bytes = encodeEntries(entries);
  const stream = client.query(copyFrom(COPY_ENTRIES));
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.once('finish', resolve);
    stream.end(bytes);
  });
}

/** The rows in PostgreSQL's binary COPY format. */
export function encodeEntries(entries: readonly Entry[]): Buffer {
  const metadata = entries.map((e) => (e.metadata === null ? null : JSON.stringify(e.metadata)));
  let size = SIGNATURE.length + 8 + 2;
  let index = 0;
  for (const { reference, channel, authorizedBy } of entries) {
    const optional = (channel?.length ?? 0) + (authorizedBy?.length ?? 0);
    const texts = reference.length + optional + (metadata[index++]?.length ?? 0);
    size += FIXED_BYTES + texts * BYTES_PER_UNIT_MAX;
  }
  const row = new RowWriter(Buffer.allocUnsafe(size));
  row.raw(SIGNATURE);
  // Flags, length of the header extension.
  row.int32(0);
  row.int32(0);
  index = 0;
  for (const entry of entries) writeEntry(row, entry, metadata[index++] ?? null);
  row.int16(-1);
  return row.bytes;
}

function writeEntry(row: RowWriter, entry: Entry, metadata: string | null): void {
  row.int16(COLUMN_COUNT);
  row.bigint(entry.walletNo);
  row.bigint(entry.sequence);
  row.smallint(ENTRY_TYPES[entry.type]);
  row.smallint(ACCOUNTS[entry.from]);
  row.smallint(ACCOUNTS[entry.to]);
  row.smallint(entry.slice);
  row.smallint(entry.notices);
  row.bigint(entry.amountMicros);
  row.bigint(entry.balanceAfterMicros);
  row.bigint(entry.blockSequence);
  row.integer(entry.quantity);
  row.instant(entry.occurredAtMs);
  row.instant(entry.bookedAtMs);
  row.text(entry.reference);
  row.text(entry.channel);
  row.jsonb(metadata);
  row.text(entry.authorizedBy);
}

/**
 * Columns one after the other, each behind its length. A `DataView` writes numbers without the garbage that Buffer's
 * own functions make of each bigint, and short ASCII is quicker byte by byte than by a call out of JavaScript.
 */
class RowWriter {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly buffer: Buffer) {
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.at);
  }

  raw(bytes: Buffer): void {
    this.at += bytes.copy(this.buffer, this.at);
  }

  int16(value: number): void {
    this.view.setInt16(this.at, value);
    this.at += 2;
  }

  int32(value: number): void {
    this.view.setInt32(this.at, value);
    this.at += 4;
  }

  smallint(value: number): void {
    this.int32(2);
    this.int16(value);
  }

  integer(value: number | null): void {
    if (value === null) return this.int32(NULL_LENGTH);
    this.int32(4);
    this.int32(value);
  }

  bigint(value: bigint | null): void {
    if (value === null) return this.int32(NULL_LENGTH);
    this.int32(8);
    this.view.setBigInt64(this.at, value);
    this.at += 8;
  }

  instant(ms: number): void {
    this.int32(8);
    // Below 2^53 for centuries; two halves are quicker than a BigInt.
    const us = (ms - EPOCH_MS) * 1_000;
    this.int32(Math.floor(us / 2 ** 32));
    this.view.setUint32(this.at, ((us % 2 ** 32) + 2 ** 32) % 2 ** 32);
    this.at += 4;
  }

  text(value: string | null): void {
    if (value === null) return this.int32(NULL_LENGTH);
    const written = this.utf8(value, this.at + 4);
    this.int32(written);
    this.at += written;
  }

  jsonb(value: string | null): void {
    if (value === null) return this.int32(NULL_LENGTH);
    const written = this.utf8(value, this.at + 5);
    this.int32(written + 1);
    this.buffer[this.at] = JSONB_VERSION;
    this.at += written + 1;
  }

  /** Returns how many bytes it took. */
  private utf8(value: string, at: number): number {
    const { buffer } = this;
    const { length } = value;
    if (length > SHORT_TEXT_MAX) return buffer.write(value, at);
    for (let unit = 0; unit < length; unit++) {
      const code = value.charCodeAt(unit);
      if (code > ASCII_MAX) return buffer.write(value, at);
      buffer[at + unit] = code;
    }
    return length;
  }
}
