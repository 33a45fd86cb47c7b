import { luaName, luaNames } from '@orbit/kernel';

/** The order of KEYS and ARGV of admit.lua, for both languages. */
export const ADMIT_TABLE = {
  keys: [
    /** Cached owner of the API key. */
    'owner',
    /** Theoretical arrival time of the generic cell rate algorithm. */
    'arrival',
  ],
  args: ['microsPerRequest', 'burstMicros', 'requestCount'],
} as const;

/** Stands in front of the script: `OWNER_KEY`, `BURST_MICROS`. */
export const ADMIT_NAMES = [
  luaNames(ADMIT_TABLE.keys, (name) => luaName(name, 'key')),
  luaNames(ADMIT_TABLE.args, (name) => luaName(name)),
].join('');
