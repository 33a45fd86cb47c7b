// Goal: ingest of a test account goes on while usage-metering does not answer, in the time that it said last.
import { OrbitError } from '@orbit/contracts';
import { LastAccountTimes } from './last-account-times.js';

const REAL = Date.parse('2026-11-30T12:00:00Z');
let realMs = REAL;
let answer: () => Promise<{ now: string }>;
const away = () => Promise.reject(new OrbitError('unavailable', 'usage-metering is unavailable'));
const times = () => new LastAccountTimes({ accountTime: () => answer() }, { nowMs: () => realMs });
const test_ = { id: 'acct_t', mode: 'test' } as const;
const at = (ms: number) => () => Promise.resolve({ now: new Date(ms).toISOString() });

test('a clock that stood goes on standing; one on real time goes on; one that nobody asked for is retryable', async () => {
  const memory = times();
  answer = away;
  await expect(memory.nowMs(test_)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await memory.nowMs({ id: 'acct_l', mode: 'live' })).toBe(REAL);
  answer = at(REAL - 86_400_000);
  expect(await memory.nowMs(test_)).toBe(REAL - 86_400_000);
  answer = away;
  realMs = REAL + 60_000;
  expect(await memory.nowMs(test_)).toBe(REAL - 86_400_000);
  answer = at(realMs + 40);
  await memory.nowMs(test_);
  answer = away;
  realMs = REAL + 120_000;
  expect(await memory.nowMs(test_)).toBe(realMs);
  answer = () => Promise.reject(new OrbitError('invalid_field', 'a fault of ours'));
  await expect(memory.nowMs(test_)).rejects.toMatchObject({ code: 'invalid_field' });
});
