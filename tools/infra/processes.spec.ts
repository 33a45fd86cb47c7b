import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reasonOf } from '../stack/supervise.mjs';
import { gatherWaits } from '../stack/waits.mjs';
import { waitUntilReady } from './processes.mjs';

let server: Server;
let url: string;
let answer: { status: number; body: unknown };

beforeEach(async () => {
  server = createServer((_request, response) => {
    response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  jest.useRealTimers();
  server.close();
});

test('a process that is slow to become ready is told of every ten seconds, until it is', async () => {
  let nowMs = 0;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => nowMs);
  const told: number[] = [];
  const isReady = (): Promise<boolean> => Promise.resolve((nowMs += 4_000) > 32_000);
  const handle = { name: 'kafka', logFile: '/none', exit: null };
  await waitUntilReady(handle, isReady, 60_000, (seconds: number) => told.push(seconds));
  clock.mockRestore();
  expect(told).toEqual([12, 20, 32]);
});

test('what a service waits for is said in its own words; of its group, why that takes ten seconds', async () => {
  answer = {
    status: 503,
    body: { reasons: ['Redis is away', 'not a member of the consumer group yet'] },
  };
  expect(await reasonOf(url)).toBe(
    'Redis is away; not a member of the consumer group yet (Kafka keeps the place of a killed one for ten seconds)',
  );
  answer = { status: 200, body: {} };
  expect(await reasonOf(url)).toBeNull();
  expect(await reasonOf('http://127.0.0.1:1')).toBe('its process is loading');
});

test('those that wait for the same thing at the same time share a line', async () => {
  const lines: string[] = [];
  const wait = gatherWaits((line: string) => lines.push(line), 1);
  wait('checkout', 'its process is loading');
  wait('gateway', 'Redis is away');
  wait('invoicing', 'its process is loading');
  await new Promise((resolve) => setTimeout(resolve, 20));
  wait('gateway', 'Redis is away');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(lines).toEqual([
    'checkout, invoicing: its process is loading',
    'gateway: Redis is away',
    'gateway: Redis is away',
  ]);
});
