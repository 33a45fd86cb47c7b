/**
 * Our own bug, never the caller's: it stops the partition or the request loudly and is never
 * dead-lettered, retried or swallowed.
 */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/** Asserts what the program relies on. `fact` is written as the sentence that must be true. */
export function invariant(condition: unknown, fact: string): asserts condition {
  if (!condition) throw new InvariantViolation(`Broken invariant: ${fact}`);
}
