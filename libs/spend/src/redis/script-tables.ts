import { luaName, luaNames, type Positions } from '@orbit/kernel';

/**
 * The order of KEYS and ARGV of every script, once for both languages: callers write values by name (`inOrder`), and
 * each script gets the names of its positions in front (`namesFor`). On the wire they are positions, as Redis has it.
 *
 * A group stands once (`head`), or once per wallet or charge of the call; then the script adds its offset.
 */
export interface ScriptTable {
  readonly keys: Groups;
  readonly args: Groups;
}
type Groups = { readonly [group: string]: Positions };

/** A wallet as the ledger committed it; every script knows these names, and `writeWallet` of holds.lua reads them. */
export const WALLET_STATE = [
  'posted',
  'version',
  'overdraft',
  /** Why it is paused; empty: it is not. */
  'paused',
  /** Instant at which this is no longer true by itself; empty: never. */
  'until',
  'escrowed',
  /** '1': a capture after the end of its hold is posted all the same. */
  'late',
  /** posted + overdraft - escrowed */
  'limit',
] as const;

export const WALLET_KEYS = ['wallet', 'holds'] as const;
export const CHARGE_KEYS = [...WALLET_KEYS, 'record'] as const;

export const SCRIPT_TABLES = {
  /** KEYS per wallet: wallet, holds, one record per charge. ARGV: head, wallet by wallet, charge by charge. */
  authorize: {
    keys: { wallet: WALLET_KEYS },
    args: {
      head: ['epoch', 'walletCount'],
      wallet: ['chargeCount'],
      charge: [
        /** The record before and after the numbers that the script puts between. */
        'recordHead',
        'recordTail',
        /** Its member of the holds: `<amount>|<charge id>`. */
        'member',
        'amount',
        /** '0': captured at once. */
        'holdTtlMs',
        'recordTtlMs',
      ],
    },
  },
  capture: {
    keys: { head: CHARGE_KEYS },
    args: {
      /** amount: empty: all of it. */
      head: ['amount', 'currency', 'chargeId', 'recordTtlMs', 'epoch'],
    },
  },
  release: {
    keys: { head: CHARGE_KEYS },
    args: { head: ['currency', 'chargeId', 'recordTtlMs'] },
  },
  /** ARGV: head, then WALLET_STATE. */
  load: {
    keys: { head: [...WALLET_KEYS, 'guard'] },
    /** guard: the value that the guard key must have; empty: whatever it has. */
    args: { head: ['epoch', 'guard'] },
  },
  drop: {
    keys: { head: CHARGE_KEYS },
    args: { head: ['amount', 'chargeId'] },
  },
  /** KEYS per wallet: wallet, holds, one record per charge. ARGV per wallet: wallet, WALLET_STATE, charge by charge. */
  confirm: {
    keys: { wallet: WALLET_KEYS },
    args: {
      /** claimId: empty: no claim ends. */
      wallet: ['chargeCount', 'claimId'],
      /** outcome: 'P' posted, 'R' rejected. */
      charge: ['id', 'amount', 'outcome'],
    },
  },
  /** As the script `confirm`, behind a head. */
  claim: {
    keys: { wallet: WALLET_KEYS },
    args: {
      head: ['epoch'],
      wallet: ['chargeCount', 'claimId', 'ttlMs'],
      charge: ['id', 'amount'],
    },
  },
  /** KEYS per wallet. */
  read: { keys: { wallet: WALLET_KEYS }, args: { head: ['epoch'] } },
  /** KEYS per wallet. `holdsMax`: that are added up in one script; `repairs`: '1' writes the sum where it differs. */
  holdSums: { keys: { wallet: WALLET_KEYS }, args: { head: ['holdsMax', 'repairs'] } },
  /** KEYS: those of the script that failed. */
  repair: { keys: {}, args: {} },
  trustBegin: { keys: { head: ['recovery'] }, args: { head: ['mark'] } },
  trustFinish: { keys: { head: ['trusted', 'recovery'] }, args: { head: ['mark'] } },
} as const satisfies Readonly<Record<string, ScriptTable>>;

export type ScriptName = keyof typeof SCRIPT_TABLES;

/** `HOLDS_KEY`; how many stand together: `WALLET_KEYS`. */
const keyNames = ([group, names]: readonly [string, Positions]): string =>
  luaNames(names, (name) => luaName(name, 'key'), sizeName(group, 'keys'));

/** `EPOCH` of the head, `CHARGE_AMOUNT` of a group; how many stand together: `CHARGE_ARGS`. */
const argNames = ([group, names]: readonly [string, Positions]): string =>
  luaNames(names, (name) => luaName(group === 'head' ? '' : group, name), sizeName(group, 'args'));

const sizeName = (group: string, what: string): string | null =>
  group === 'head' && what === 'keys' ? null : luaName(group, what);

/** The head of a script: its positions by name, as Lua. */
export function namesFor({ keys, args }: ScriptTable): string {
  const lines = [...Object.entries(keys).map(keyNames), ...Object.entries(args).map(argNames)];
  return `-- Positions of KEYS and ARGV: script-tables.ts.\n${lines.join('')}`;
}

/** Stands in front of holds.lua: `STATE_POSTED` and the others. */
export const STATE_NAMES = luaNames(WALLET_STATE, (name) => luaName('state', name), 'STATE_ARGS');
