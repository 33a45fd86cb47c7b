import { randomBytes } from 'node:crypto';

/** What an id names; the prefix makes an id in a log line say what it is. */
export type IdPrefix =
  | 'org'
  | 'wal'
  | 'blk'
  | 'ak'
  | 'req'
  | 'evt'
  | 'tu'
  | 'inv'
  | 'auth'
  | 'lease'
  | 'ref'
  | 'dp'
  | 'sub'
  | 'plan'
  | 'price'
  | 'item'
  | 'sched'
  | 'adj'
  | 'pm'
  | 'ar';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `<prefix>_<26 characters>`: a ULID (48 bits of milliseconds, 80 random bits), so ids sort by time. */
export function newId(prefix: IdPrefix, nowMs: number): string {
  let time = nowMs;
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = CROCKFORD[time % 32] + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  for (const byte of randomBytes(16)) tail += CROCKFORD[byte & 31];
  return `${prefix}_${head}${tail}`;
}
