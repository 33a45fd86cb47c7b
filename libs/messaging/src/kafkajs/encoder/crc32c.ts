/** Bytes taken per step: eight tables of 256 entries. */
const STEP = 8;
const POLYNOMIAL = 0x82f63b78;

const TABLES = makeTables();

function makeTables(): Int32Array[] {
  const tables = Array.from({ length: STEP }, () => new Int32Array(256));
  const [first] = tables;
  if (!first) return tables;
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    first[byte] = crc;
  }
  for (let byte = 0; byte < 256; byte++) {
    let crc = first[byte] ?? 0;
    for (let n = 1; n < STEP; n++) {
      crc = (first[crc & 0xff] ?? 0) ^ (crc >>> 8);
      const table = tables[n];
      if (table) table[byte] = crc;
    }
  }
  return tables;
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
];

/* eslint-disable @typescript-eslint/no-non-null-assertion -- tables hold every byte, and `at` stays inside the buffer */

/** CRC-32C (Castagnoli), which Kafka checks record batches with; eight bytes per step. Unsigned 32 bits. */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  let at = 0;
  const whole = bytes.length - (bytes.length % STEP);
  while (at < whole) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      T7[crc & 0xff]! ^
      T6[(crc >>> 8) & 0xff]! ^
      T5[(crc >>> 16) & 0xff]! ^
      T4[crc >>> 24]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!;
    at += STEP;
  }
  for (; at < bytes.length; at++) crc = T0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
