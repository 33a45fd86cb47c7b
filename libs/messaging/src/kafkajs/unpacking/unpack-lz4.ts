import { UnpackedBytes } from './unpacked-bytes.js';

const MAGIC = 0x184d2204;
const HAS_BLOCK_CHECKSUM = 0x10;
const HAS_CONTENT_SIZE = 0x08;
const HAS_DICTIONARY = 0x01;
const IS_STORED = 0x80000000;
const LENGTH_GOES_ON = 15;
const COPY_LENGTH_MIN = 4;

/** Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md. Throws on what is cut off. */
export function unpackLz4(packed: Buffer): Buffer {
  if (packed.readUInt32LE(0) !== MAGIC) throw new Error('packed data is no LZ4 frame');
  const flags = packed.readUInt8(4);
  // Magic, flags, block size, then what the flags announce, and a checksum of one byte.
  let at = 7 + (flags & HAS_CONTENT_SIZE ? 8 : 0) + (flags & HAS_DICTIONARY ? 4 : 0);
  const unpacked = new UnpackedBytes();
  for (;;) {
    const size = packed.readUInt32LE(at);
    if (size === 0) return unpacked.bytes;
    const length = size & ~IS_STORED;
    const block = packed.subarray(at + 4, at + 4 + length);
    if (size >= IS_STORED) unpacked.append(block);
    else unpackBlock(block, unpacked);
    at += 4 + length + (flags & HAS_BLOCK_CHECKSUM ? 4 : 0);
  }
}

/** Literals and copies in turn; the last one has no copy. */
function unpackBlock(block: Buffer, unpacked: UnpackedBytes): void {
  let at = 0;
  const readLength = (first: number): number => {
    let length = first;
    if (first < LENGTH_GOES_ON) return length;
    for (let more = 255; more === 255; length += more) more = block.readUInt8(at++);
    return length;
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    const literalLength = readLength(token >> 4);
    unpacked.append(block.subarray(at, at + literalLength));
    at += literalLength;
    if (at >= block.length) return;
    const distance = block.readUInt16LE(at);
    at += 2;
    unpacked.repeat(distance, COPY_LENGTH_MIN + readLength(token & LENGTH_GOES_ON));
  }
}
