import { inOrder, luaName, luaNames, pushInOrder } from './lua-names.js';

const NAMES = ['amount', 'recordTtlMs'] as const;

test('values by name come in the order of the names, behind what stands there', () => {
  expect(inOrder(NAMES, { recordTtlMs: '60', amount: '7' })).toEqual(['7', '60']);
  const list = ['epoch'];
  pushInOrder(list, NAMES, { recordTtlMs: '60', amount: '7' });
  expect(list).toEqual(['epoch', '7', '60']);
});

test('Lua counts from 1, and knows how many there are', () => {
  expect(luaNames(NAMES, (name) => luaName('charge', name), 'CHARGE_ARGS')).toBe(
    'local CHARGE_AMOUNT, CHARGE_RECORD_TTL_MS, CHARGE_ARGS = 1, 2, 2\n',
  );
  expect(luaNames(NAMES, (name) => luaName(name))).toBe('local AMOUNT, RECORD_TTL_MS = 1, 2\n');
  expect(luaNames([], (name) => name)).toBe('');
});
