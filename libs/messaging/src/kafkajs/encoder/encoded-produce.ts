import { invariant } from '@orbit/kernel';
import type { Message } from 'kafkajs';
import { createRequire } from 'node:module';
import { crc32c } from './crc32c.js';
import { requireVersion } from '../internals.js';
import { encodeRecords, type EncodedRecords, type RecordContent } from './record-encoder.js';

/**
 * Lets kafkajs send record batches that we encoded (docs/decisions/0007-own-record-encoder.md).
 *
 * kafkajs 2.2.4 makes seven buffers for every message and copies a growing array for every message of a
 * partition; that was a third of what posting a charge cost. Connections, metadata, leaders, retries and
 * acknowledgements stay kafkajs' own: only its two functions that turn messages into bytes are wrapped,
 * and only messages of `encodedMessage` take the new way. Another version of kafkajs is refused, and a spec
 * compares the bytes with those of kafkajs.
 */
const RECORD_MODULE = 'kafkajs/src/protocol/recordBatch/record/v0/index.js';
const PRODUCE_REQUEST =
  /kafkajs[\\/]src[\\/]protocol[\\/]requests[\\/]produce[\\/]v\d+[\\/]request\.js$/;
const BATCH_MODULE = 'kafkajs/src/protocol/recordBatch/v0/index.js';

/** After a 61-byte header come the records; the CRC covers what follows itself. */
const HEADER_BYTES = 61;
const CRC_AT = 17;
const CRC_FROM = 21;
const MAGIC = 2;
const NO_PRODUCER = -1n;

interface EncodedMessage extends Message {
  readonly encoded: EncodedRecords;
}

interface BatchArguments {
  readonly records: readonly unknown[];
  readonly firstTimestamp: number;
}

/** The interface of kafkajs' own encoder, as the code that takes its bytes sees it. */
interface Bytes {
  readonly buf: Buffer;
  readonly buffer: Buffer;
  size(): number;
}

const require = createRequire(import.meta.url);

/**
 * kafkajs refuses messages without a value before it encodes them. It cannot encode this one: were our way
 * ever not taken, the send would fail, and never write records without content.
 */
const NOT_FOR_KAFKAJS = Object.freeze({}) as unknown as Buffer;

/** One message that stands for all records of a partition. */
export function encodedMessage(partition: number, records: readonly RecordContent[]): Message {
  registerOwnEncoder();
  const message: EncodedMessage = {
    partition,
    value: NOT_FOR_KAFKAJS,
    encoded: encodeRecords(records),
  };
  return message;
}

let isRegistered = false;

/** Wraps kafkajs' encoding, once. */
export function registerOwnEncoder(): void {
  if (isRegistered) return;
  requireVersion('KAFKA_OWN_ENCODER');
  isRegistered = true;
  const recordModule = load(RECORD_MODULE);
  const batchModule = load(BATCH_MODULE);
  const encodeRecord = recordModule.exports as (message: Message) => unknown;
  const batches = batchModule.exports as {
    RecordBatch: (batch: BatchArguments) => Promise<unknown>;
  };
  const { RecordBatch: encodeBatch } = batches;
  recordModule.exports = (message: Message & Partial<EncodedMessage>): unknown =>
    message.encoded ?? encodeRecord(message);
  batchModule.exports = {
    ...batches,
    RecordBatch: (batch: BatchArguments): Promise<unknown> => {
      const [first] = batch.records;
      if (!isEncoded(first)) return encodeBatch(batch);
      invariant(batch.records.length === 1, 'encoded records are one message per partition');
      return Promise.resolve(toBatch(first, batch.firstTimestamp));
    },
  };
  // Somebody may have sent before us: what was loaded then keeps the old functions, so it is loaded anew.
  for (const path of Object.keys(require.cache)) {
    if (PRODUCE_REQUEST.test(path)) Reflect.deleteProperty(require.cache, path);
  }
}

const isEncoded = (record: unknown): record is EncodedRecords =>
  typeof record === 'object' && record !== null && 'bytes' in record && 'count' in record;

function load(name: string): NodeJS.Module {
  const path = require.resolve(name);
  require(path);
  const module = require.cache[path];
  invariant(module, `${name} is a module of kafkajs`);
  return module;
}

/** Record batch v2 of a plain producer; the broker sets the leader epoch. */
function toBatch({ bytes, count }: EncodedRecords, timestamp: number): Bytes {
  const batch = Buffer.allocUnsafe(HEADER_BYTES + bytes.length);
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(0, 12);
  batch.writeInt8(MAGIC, 16);
  batch.writeInt16BE(0, 21);
  batch.writeInt32BE(count - 1, 23);
  batch.writeBigInt64BE(BigInt(timestamp), 27);
  batch.writeBigInt64BE(BigInt(timestamp), 35);
  batch.writeBigInt64BE(NO_PRODUCER, 43);
  batch.writeInt16BE(0, 51);
  batch.writeInt32BE(0, 53);
  batch.writeInt32BE(count, 57);
  bytes.copy(batch, HEADER_BYTES);
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_FROM)), CRC_AT);
  return { buf: batch, buffer: batch, size: () => batch.length };
}
