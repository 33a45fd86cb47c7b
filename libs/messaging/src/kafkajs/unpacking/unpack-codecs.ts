import kafkajs from 'kafkajs';
import zlib from 'node:zlib';
import { unpackLz4 } from './unpack-lz4.js';
import { unpackSnappy } from './unpack-snappy.js';

type Unpack = (packed: Buffer) => Buffer;

/** Node has it from 22.15 on; before, kafkajs' own refusal stays, and `crashReason` says what to do. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: Unpack };

/**
 * Teaches kafkajs to read what other clients packed before `createTopics` set the broker to store messages
 * unpacked, or on a broker without that setting. Nothing is sent packed.
 */
export function registerUnpackCodecs(): void {
  const { CompressionCodecs: codecs, CompressionTypes: types } = kafkajs;
  codecs[types.Snappy] = codecOf(unpackSnappy);
  codecs[types.LZ4] = codecOf(unpackLz4);
  if (zstdDecompressSync) codecs[types.ZSTD] = codecOf(zstdDecompressSync);
}

const codecOf = (unpack: Unpack) => () => ({
  compress: () => Promise.reject(new Error('messages are not sent packed')),
  decompress: (packed: Buffer) => Promise.resolve(unpack(packed)),
});
