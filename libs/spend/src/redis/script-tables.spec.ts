// Goal: a script and the table of its positions cannot drift apart.
import { luaDrift } from '@orbit/testing';
import { readFileSync } from 'node:fs';
import { SCRIPT_TABLES, STATE_NAMES, namesFor, type ScriptName } from './script-tables.js';
import { SCRIPTS } from './scripts.js';

const read = (name: string): string =>
  readFileSync(new URL(`${name}.lua`, import.meta.url), 'utf8');
const fileOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const NAMES = Object.keys(SCRIPT_TABLES) as ScriptName[];
const HOLDS = `${STATE_NAMES}${read('holds')}`;

test.each(NAMES)('%s reads by name exactly what its table names', (name) => {
  const names = namesFor(SCRIPT_TABLES[name]);
  expect(luaDrift(read(fileOf(name)), names, HOLDS)).toEqual([]);
  expect(SCRIPTS[name].source).toContain(names);
});

test('holds.lua reads the state of a wallet by name', () => {
  expect(luaDrift(read('holds'), STATE_NAMES)).toEqual([]);
});

test('a charge of authorize.lua has six arguments, the fourth is its amount', () => {
  const names = namesFor(SCRIPT_TABLES.authorize);
  expect(names).toContain(
    'local CHARGE_RECORD_HEAD, CHARGE_RECORD_TAIL, CHARGE_MEMBER, CHARGE_AMOUNT, CHARGE_HOLD_TTL_MS, ' +
      'CHARGE_RECORD_TTL_MS, CHARGE_ARGS = 1, 2, 3, 4, 5, 6, 6\n',
  );
});

test('drift is seen: a name of no table, one that nothing reads, a position by number', () => {
  const names = 'local AMOUNT, CURRENCY = 1, 2\n';
  expect(luaDrift('return ARGV[AMOUNT] .. ARGV[CHARGE_ID] .. ARGV[2] -- ARGV[3]', names)).toEqual([
    'CHARGE_ID is in no table',
    'CURRENCY is in the table and not used',
    'ARGV[2] is a number, not a name',
  ]);
  expect(luaDrift('return ARGV[at + 3]', '')).toEqual(['ARGV[at + 3] is a number, not a name']);
});
