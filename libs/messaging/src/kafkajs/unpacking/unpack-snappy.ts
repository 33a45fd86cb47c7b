import { UnpackedBytes } from './unpacked-bytes.js';

/** Header that Java and Go put before a row of blocks, each with its length; librdkafka sends one bare block. */
const FRAME_MAGIC = Buffer.from('\x82SNAPPY\0', 'latin1');
/** The magic and two versions. */
const FRAME_HEADER_BYTES = 16;

/** Source: https://github.com/google/snappy/blob/main/format_description.txt. Throws on what is cut off. */
export function unpackSnappy(packed: Buffer): Buffer {
  const unpacked = new UnpackedBytes();
  if (!packed.subarray(0, FRAME_MAGIC.length).equals(FRAME_MAGIC)) {
    unpackBlock(packed, unpacked);
    return unpacked.bytes;
  }
  for (let at = FRAME_HEADER_BYTES; at < packed.length;) {
    const end = at + 4 + packed.readInt32BE(at);
    unpackBlock(packed.subarray(at + 4, end), unpacked);
    at = end;
  }
  return unpacked.bytes;
}

function unpackBlock(block: Buffer, unpacked: UnpackedBytes): void {
  let at = 0;
  // The unpacked length, which the end of the block shows as well.
  while (block.readUInt8(at++) >= 0x80);
  while (at < block.length) {
    const tag = block.readUInt8(at++);
    const high = tag >> 2;
    if ((tag & 3) === 0) {
      const lengthBytes = Math.max(0, high - 59);
      const length = 1 + (lengthBytes === 0 ? high : block.readUIntLE(at, lengthBytes));
      at += lengthBytes;
      unpacked.append(block.subarray(at, at + length));
      at += length;
    } else if ((tag & 3) === 1) {
      unpacked.repeat(((tag >> 5) << 8) | block.readUInt8(at++), 4 + (high & 7));
    } else {
      const distanceBytes = (tag & 3) === 2 ? 2 : 4;
      unpacked.repeat(block.readUIntLE(at, distanceBytes), 1 + high);
      at += distanceBytes;
    }
  }
}
