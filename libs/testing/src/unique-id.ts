import { randomBytes } from 'node:crypto';

/** Ids of this test file: what it made on shared servers under such a name goes when the file ends. */
declare global {
  var orbitTestIds: string[] | undefined;
}

/** An id that no other test, file or run uses: what keeps tests apart on shared servers. */
export function uniqueId(prefix = 'test'): string {
  const id = `${prefix}_${randomBytes(8).toString('hex')}`;
  (globalThis.orbitTestIds ??= []).push(id);
  return id;
}
