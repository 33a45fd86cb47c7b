const FIRST_BYTES = 16 * 1024;

/** Bytes unpacked so far: literals are appended, and copies repeat what stands further back. */
export class UnpackedBytes {
  private buffer: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  private size = 0;

  append(literal: Buffer): void {
    this.reserve(literal.length);
    literal.copy(this.buffer, this.size);
    this.size += literal.length;
  }

  /** A copy may be longer than it reaches back: then it repeats what it has just written. */
  repeat(distance: number, length: number): void {
    if (distance < 1 || distance > this.size)
      throw new Error('packed data points before its start');
    this.reserve(length);
    const from = this.size - distance;
    for (let n = 0; n < length; n++) this.buffer[this.size + n] = this.buffer[from + n] ?? 0;
    this.size += length;
  }

  get bytes(): Buffer {
    return this.buffer.subarray(0, this.size);
  }

  private reserve(more: number): void {
    if (this.size + more <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.size + more));
    this.buffer.copy(larger, 0, 0, this.size);
    this.buffer = larger;
  }
}
