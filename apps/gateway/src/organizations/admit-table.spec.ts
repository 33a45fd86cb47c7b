import { luaDrift } from '@orbit/testing';
import { readFileSync } from 'node:fs';
import { ADMIT_NAMES } from './admit-table.js';

test('admit.lua reads by name exactly what its table names', () => {
  const script = readFileSync(new URL('admit.lua', import.meta.url), 'utf8');
  expect(luaDrift(script, ADMIT_NAMES)).toEqual([]);
});
