import type { IHeaders } from 'kafkajs';

/** Content of a record of a batch. */
export interface RecordContent {
  readonly key?: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: IHeaders;
}

/** The records of one partition, encoded one after the other, without the header of their batch. */
export interface EncodedRecords {
  readonly bytes: Buffer;
  readonly count: number;
}

/** No varint of ours is longer: lengths stay far below 2^31. */
const VARINT_BYTES_MAX = 5;
const NULL_LENGTH = -1;

/** Names and constant values of headers repeat in every record; full, it starts again. */
const shortTexts = new Map<string, Buffer>();
const SHORT_TEXTS_MAX = 1_000;
const SHORT_TEXT_LENGTH_MAX = 32;

const sizeOfVarint = (value: number): number => {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  let size = 1;
  while (zigzag > 0x7f) {
    size += 1;
    zigzag >>>= 7;
  }
  return size;
};

/** Writes records of Kafka's format v2 into one growing buffer, each byte once. */
class RecordWriter {
  private buffer = Buffer.allocUnsafe(64 * 1024);
  private at = 0;

  /** Room is made once per record, for its longest form. */
  reserve(size: number): void {
    if (this.at + size <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + size));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }

  byte(value: number): void {
    this.buffer[this.at++] = value;
  }

  varint(value: number): void {
    let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
    while (zigzag > 0x7f) {
      this.buffer[this.at++] = (zigzag & 0x7f) | 0x80;
      zigzag >>>= 7;
    }
    this.buffer[this.at++] = zigzag;
  }

  sized(content: string | Buffer | null, size: number): void {
    this.varint(content === null ? NULL_LENGTH : size);
    if (content === null) return;
    if (typeof content === 'string') this.buffer.write(content, this.at, size, 'utf8');
    else content.copy(this.buffer, this.at);
    this.at += size;
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.at);
  }
}

const sizeOf = (content: string | Buffer | null): number =>
  content === null ? 0 : typeof content === 'string' ? Buffer.byteLength(content) : content.length;

const sizedLength = (content: string | Buffer | null, size: number): number =>
  content === null ? 1 : sizeOfVarint(size) + size;

/** Short text as bytes that are made once. */
function textBytes(text: string): string | Buffer {
  if (text.length > SHORT_TEXT_LENGTH_MAX) return text;
  const known = shortTexts.get(text);
  if (known) return known;
  if (shortTexts.size >= SHORT_TEXTS_MAX) shortTexts.clear();
  const bytes = Buffer.from(text);
  shortTexts.set(text, bytes);
  return bytes;
}

/**
 * Encodes records as kafkajs does, byte for byte, with timestamp delta 0, but with one buffer for all of
 * them instead of several for each.
 */
export function encodeRecords(records: readonly RecordContent[]): EncodedRecords {
  const writer = new RecordWriter();
  const fields: (string | Buffer | null)[] = [];
  const sizes: number[] = [];
  for (const [index, record] of records.entries()) {
    fields.length = 0;
    fields.push(record.key ?? null, record.value);
    let headerCount = 0;
    for (const name in record.headers) {
      const given = record.headers[name];
      for (const value of Array.isArray(given) ? given : [given]) {
        headerCount += 1;
        fields.push(
          textBytes(name),
          typeof value === 'string' ? textBytes(value) : (value ?? null),
        );
      }
    }
    // Attributes, timestamp delta.
    let bodySize = 2 + sizeOfVarint(index) + sizeOfVarint(headerCount);
    for (let n = 0; n < fields.length; n++) {
      const field = fields[n] ?? null;
      const size = sizeOf(field);
      sizes[n] = size;
      bodySize += sizedLength(field, size);
    }
    writer.reserve(bodySize + VARINT_BYTES_MAX);
    writer.varint(bodySize);
    writer.byte(0);
    writer.byte(0);
    writer.varint(index);
    writer.sized(fields[0] ?? null, sizes[0] ?? 0);
    writer.sized(fields[1] ?? null, sizes[1] ?? 0);
    writer.varint(headerCount);
    for (let n = 2; n < fields.length; n++) writer.sized(fields[n] ?? null, sizes[n] ?? 0);
  }
  return { bytes: writer.bytes, count: records.length };
}
