// Goal: every service is composed alike: one module, one runner of jobs, and an order of start and stop that holds.
import { Controller, Inject } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { OrbitError } from '@orbit/contracts';
import { createLogger } from '../logger.js';
import { WakeUp } from '../background-jobs.js';
import { ComposedService } from './composed-service.js';
import { kafkaConnection, type Connection } from './connections.js';
import { instances, type Feature } from './feature.js';

const logger = createLogger('test', 'silent');

class Greeting {
  readonly text = 'hello';
}

@Controller()
class Greeter {
  constructor(@Inject(Greeting) readonly greeting: Greeting) {}
}

class TestModule {}

const story: string[] = [];
const connection = (name: string): Connection => ({
  open: () => void story.push(`open ${name}`),
  close: () => void story.push(`close ${name}`),
});
const feature = (name: string, more: Feature = {}): Feature => ({
  ...more,
  start: () => void story.push(`start ${name}`),
  stop: () => void story.push(`stop ${name}`),
});

let composed: ComposedService;

beforeEach(() => {
  story.length = 0;
});

test('features make one module; it starts in the order of the lists and stops in the opposite one', async () => {
  const greets = feature('greets', {
    controllers: [Greeter],
    providers: instances(new Greeting()),
  });
  let ended: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    const job = {
      ...{ name: 'ends before features stop', intervalMs: 60_000, startsAtOnce: true },
      run: async () => {
        resolve();
        await new Promise<void>((end) => (ended = end));
        story.push('job ended');
      },
    };
    composed = new ComposedService({
      logger,
      connections: [connection('books'), connection('log')],
      features: [greets, feature('works', { jobs: [job] })],
    });
  });
  const app = await NestFactory.createApplicationContext(composed.moduleOf(TestModule), {
    logger: false,
  });
  expect(app.get(Greeter).greeting.text).toBe('hello');
  await composed.start();
  await begun;
  const closed = app.close();
  ended();
  await closed;
  expect(story).toEqual([
    ...['open books', 'open log', 'start greets', 'start works'],
    ...['job ended', 'stop works', 'stop greets', 'close log', 'close books'],
  ]);
});

test('it is ready when all connections are; the first that is not gives the reason, and warnings are those of all', async () => {
  let isConnected = false;
  const kafka = kafkaConnection({
    connect: () => Promise.resolve(),
    isConnected: () => isConnected,
    disconnect: () => Promise.resolve(),
  });
  const old: Connection = { warnings: () => ['an old server'], close: () => undefined };
  const service = new ComposedService({ logger, connections: [old, kafka], features: [] });
  await expect(service.ready()).rejects.toThrow(
    new OrbitError('unavailable', 'Kafka is unavailable'),
  );
  isConnected = true;
  await expect(service.ready()).resolves.toBeUndefined();
  expect(service.warnings()).toEqual(['an old server']);
});

test('whoever holds the wake-up of a job ends its pause; what holds for every job yields to what a job says', async () => {
  const wakeUp = new WakeUp();
  const runs: (() => void)[] = [];
  const next = (): Promise<void> => new Promise((resolve) => runs.push(resolve));
  const job = {
    ...{ name: 'sleeps long', intervalMs: 3_600_000, startsAtOnce: true, wokenBy: wakeUp },
    run: () => {
      runs.shift()?.();
      return Promise.resolve();
    },
  };
  const service = new ComposedService({
    ...{ logger, connections: [], features: [{ jobs: [job] }] },
    everyJob: { startsAtOnce: false },
  });
  const first = next();
  await service.start();
  await first;
  const second = next();
  wakeUp.ring();
  await second;
  await service.onApplicationShutdown();
});
