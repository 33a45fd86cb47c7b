import { randomFillSync } from 'node:crypto';

/** Kinds of ids; the prefix makes an id in a log line say what it is. */
export type IdPrefix =
  | 'aud'
  | 'opk'
  | 'org'
  | 'metric'
  | 'acct'
  | 'wal'
  | 'blk'
  | 'topup'
  | 'ak'
  | 'req'
  | 'evt'
  | 'we'
  | 'dlv'
  | 'tu'
  | 'inv'
  | 'cn'
  | 'auth'
  | 'lease'
  | 'ref'
  | 'ret'
  | 'dp'
  | 'sub'
  | 'subc'
  | 'plan'
  | 'price'
  | 'item'
  | 'phase'
  | 'coupon'
  | 'dpg'
  | 'lict'
  | 'lic'
  | 'sched'
  | 'adj'
  | 'pm'
  | 'pay'
  | 'ar'
  | 'pi'
  | 'bal'
  | 'bkf'
  | 'alert'
  | 'ps';

const TAIL_LENGTH = 16;
/** Drawn in one go for many ids: asking the system each time costs more than the rest of an id. */
const pool = Buffer.alloc(256 * TAIL_LENGTH);
let poolAt = pool.length;

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `<prefix>_<26 characters>`: a ULID (48 bits of milliseconds, 80 random bits), so ids sort by time. */
export function newId(prefix: IdPrefix, nowMs: number): string {
  // An account's time may lie before 1970.
  let time = Math.max(0, Math.floor(nowMs));
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = CROCKFORD[time % 32] + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  for (const end = poolAt + TAIL_LENGTH; poolAt < end; poolAt++) {
    tail += CROCKFORD[(pool[poolAt] ?? 0) & 31];
  }
  return `${prefix}_${head}${tail}`;
}
