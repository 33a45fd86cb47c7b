import { createHash } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { invariant } from '@orbit/kernel';
import type { Redis } from 'ioredis';
import {
  namesFor,
  SCRIPT_TABLES,
  STATE_NAMES,
  type ScriptName,
  type ScriptTable,
} from './script-tables.js';

/** One Lua script with the shared part in front, known to Redis by its SHA-1. */
export interface Script {
  readonly source: string;
  readonly sha1: string;
}

export interface ScriptCall {
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

const read = (name: string): string =>
  readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');

/** Where a script wants the shared part instead of at its head. */
const SHARED_HERE = '--@ holds';

function script(name: string, table: ScriptTable): Script {
  const own = `${namesFor(table)}${read(name)}`;
  const shared = `${STATE_NAMES}${read('holds')}`;
  const source = own.includes(SHARED_HERE)
    ? own.replace(SHARED_HERE, () => shared)
    : `${shared}\n${own}`;
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}

export const SCRIPTS = {
  authorize: script('authorize', SCRIPT_TABLES.authorize),
  capture: script('capture', SCRIPT_TABLES.capture),
  release: script('release', SCRIPT_TABLES.release),
  load: script('load', SCRIPT_TABLES.load),
  drop: script('drop', SCRIPT_TABLES.drop),
  confirm: script('confirm', SCRIPT_TABLES.confirm),
  claim: script('claim', SCRIPT_TABLES.claim),
  read: script('read', SCRIPT_TABLES.read),
  holdSums: script('hold-sums', SCRIPT_TABLES.holdSums),
  repair: script('repair', SCRIPT_TABLES.repair),
  trustBegin: script('trust-begin', SCRIPT_TABLES.trustBegin),
  trustFinish: script('trust-finish', SCRIPT_TABLES.trustFinish),
} as const satisfies Record<ScriptName, Script>;

/** Redis drops scripts when it restarts; such a call has run nothing and is sent whole. */
const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT');

/**
 * Calls of one tick leave in one packet: at 64 in flight that spares both sides most of their system
 * calls. A lone call leaves in the same tick and waits for nothing.
 */
function gatherWrites(redis: Redis): void {
  // ioredis has no socket before its first connection, and a cluster client never has one.
  const stream = redis.stream as Redis['stream'] | undefined;
  if (!stream || stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

const REPAIRS = channel('orbit.spend.repaired');

interface Repair {
  /** The keys that were dropped: a wallet, its holds, records of charges. */
  readonly keys: readonly string[];
  /** The error of the script that could not read them. */
  readonly error: unknown;
}

/**
 * Reports to the operator, as no caller can, each time that something unreadable in Redis was dropped in this
 * process.
 */
export function logRepairs(logger: { warn(detail: object, message: string): void }): void {
  REPAIRS.subscribe((message) => {
    const { keys, error } = message as Repair;
    logger.warn(
      { keys, err: error },
      'keys in Redis were overwritten by somebody else and dropped; find out who writes there',
    );
  });
}

/**
 * The errors of a script about a key that somebody else wrote over: of another type, or not the numbers it expects.
 */
const UNREADABLE = /WRONGTYPE|attempt to |bad argument|not an integer/;
const isUnreadable = (error: unknown): boolean =>
  error instanceof Error && UNREADABLE.test(error.message);

/** One round trip. */
export function runScript(redis: Redis, script: Script, call: ScriptCall): Promise<unknown> {
  gatherWrites(redis);
  return redis
    .evalsha(script.sha1, call.keys.length, ...call.keys, ...call.args)
    .catch((error: unknown) => runAgain(redis, script, call, error));
}

function runAgain(
  redis: Redis,
  script: Script,
  call: ScriptCall,
  error: unknown,
): Promise<unknown> {
  if (!isUnknownScript(error)) return runRepaired(redis, script, call, error);
  return runWhole(redis, script, call).catch((again: unknown) =>
    runRepaired(redis, script, call, again),
  );
}

/**
 * One wallet that cannot be read would fail every script that it shares with others, for ever. What is broken of it
 * is dropped, as if Redis had lost it, and the script runs once more: all of ours may.
 */
async function runRepaired(
  redis: Redis,
  script: Script,
  call: ScriptCall,
  error: unknown,
): Promise<unknown> {
  if (!isUnreadable(error)) throw error;
  const keys = await redis.eval(SCRIPTS.repair.source, call.keys.length, ...call.keys);
  REPAIRS.publish({ keys, error } as Repair);
  return runWhole(redis, script, call);
}

const runWhole = (redis: Redis, { source }: Script, { keys, args }: ScriptCall): Promise<unknown> =>
  redis.eval(source, keys.length, ...keys, ...args);

/** One round trip for all of them; each runs alone, in order. The first failure is thrown after all have run. */
export async function runScripts(
  redis: Redis,
  script: Script,
  calls: readonly ScriptCall[],
): Promise<readonly unknown[]> {
  if (calls.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const { keys, args } of calls) pipeline.evalsha(script.sha1, keys.length, ...keys, ...args);
  const replies = await pipeline.exec();
  invariant(replies?.length === calls.length, 'a pipeline answers every command');
  const results: unknown[] = [];
  for (const [index, [error, reply]] of replies.entries()) {
    const call = calls[index];
    invariant(call, 'a reply belongs to a call');
    results.push(error ? await runAgain(redis, script, call, error) : reply);
  }
  return results;
}
