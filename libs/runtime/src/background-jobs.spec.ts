import { jest } from '@jest/globals';
import { BackgroundJobs, WakeUp, type BackgroundJob } from './background-jobs.js';

const logger = { info: jest.fn(), warn: jest.fn() };

/** Lets promises settle and timers of this span fire. */
const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

function counted(
  job: Partial<BackgroundJob> = {},
): BackgroundJob & { readonly run: jest.Mock<() => Promise<unknown>> } {
  const run = jest.fn<() => Promise<unknown>>(job.run ?? (() => Promise.resolve(0)));
  return { name: 'counted', intervalMs: 1_000, ...job, run };
}

beforeEach(() => {
  jest.useFakeTimers();
  jest.clearAllMocks();
});
afterEach(() => jest.useRealTimers());

it('runs a job at once and then after every interval', async () => {
  const job = counted();
  const jobs = new BackgroundJobs([job], logger);
  jobs.start();
  expect(job.run).toHaveBeenCalledTimes(1);
  await pass(2_500);
  expect(job.run).toHaveBeenCalledTimes(3);
  await jobs.stop();
  await pass(5_000);
  expect(job.run).toHaveBeenCalledTimes(3);
});

it('spreads the first runs over the interval', async () => {
  const [first, second] = [counted({ name: 'first' }), counted({ name: 'second' })];
  const jobs = new BackgroundJobs([first, second], logger);
  jobs.startSpread();
  await pass(300);
  expect([first, second].map(({ run }) => run.mock.calls.length)).toEqual([0, 1]);
  await pass(400);
  expect([first, second].map(({ run }) => run.mock.calls.length)).toEqual([1, 1]);
  await jobs.stop();
});

it('never runs a job beside itself; woken meanwhile, it runs once more', async () => {
  const finishers: (() => void)[] = [];
  const wake = new WakeUp();
  const run = (): Promise<void> => new Promise((resolve) => finishers.push(resolve));
  const job = counted({ wokenBy: wake, run });
  const jobs = new BackgroundJobs([job], logger);
  jobs.start();
  wake.ring();
  wake.ring();
  expect(job.run).toHaveBeenCalledTimes(1);
  finishers[0]?.();
  await pass(0);
  expect(job.run).toHaveBeenCalledTimes(2);
  const stopping = jobs.stop();
  finishers[1]?.();
  await stopping;
  await pass(5_000);
  expect(job.run).toHaveBeenCalledTimes(2);
});

it('backs off while a job fails, and says so', async () => {
  const job = counted({ run: () => Promise.reject(new Error('no server')) });
  const jobs = new BackgroundJobs([job], logger);
  jobs.start();
  await pass(60_000);
  // Without back-off it would be 61; with it the pauses grow to between 7.5 and 15 seconds.
  expect(job.run.mock.calls.length).toBeLessThan(15);
  expect(logger.warn).toHaveBeenCalledTimes(job.run.mock.calls.length);
  await jobs.stop();
});

it('keeps to its interval while it fails when somebody waits for it', async () => {
  const job = counted({ backsOff: false, run: () => Promise.reject(new Error('no server')) });
  const jobs = new BackgroundJobs([job], logger);
  jobs.start();
  await pass(10_500);
  expect(job.run).toHaveBeenCalledTimes(11);
  await jobs.stop();
});

it('logs how many things a run did, when it did any', async () => {
  const answers = [0, 3, undefined];
  const job = counted({ run: () => Promise.resolve(answers.shift()) });
  const jobs = new BackgroundJobs([job], logger);
  jobs.start();
  await pass(2_500);
  expect(logger.info.mock.calls).toEqual([[{ job: 'counted', count: 3 }, 'job did something']]);
  await jobs.stop();
});

it('sleeps longer and longer while it finds nothing, until it is woken or finds something', async () => {
  let found = 0;
  const run = (): Promise<number> => Promise.resolve(found);
  const wake = new WakeUp();
  const job = counted({ idleIntervalMs: 8_000, wokenBy: wake, run });
  const jobs = new BackgroundJobs([job], logger);
  const runsWithin = async (ms: number): Promise<number> => {
    const before = job.run.mock.calls.length;
    await pass(ms);
    return job.run.mock.calls.length - before;
  };
  jobs.start();
  // After 1, 2, 4 and 8 seconds.
  expect(await runsWithin(22_000)).toBe(4);
  wake.ring();
  // At once, then after 1, 2 and 4 seconds again.
  expect(await runsWithin(14_000)).toBe(3);
  found = 1;
  wake.ring();
  expect(await runsWithin(3_000)).toBe(3);
  await jobs.stop();
});

it('does not sleep past what it knows to be due', async () => {
  let dueInMs: number | null = 500;
  const job = counted({
    idleIntervalMs: 60_000,
    dueInMs: () => Promise.resolve(dueInMs),
    run: () => Promise.resolve(0),
  });
  const jobs = new BackgroundJobs([job], logger);
  jobs.start();
  await pass(499);
  expect(job.run).toHaveBeenCalledTimes(1);
  await pass(1);
  expect(job.run).toHaveBeenCalledTimes(2);
  dueInMs = null;
  await pass(500);
  expect(job.run).toHaveBeenCalledTimes(3);
  // Nothing is known any more: the third pause in vain.
  await pass(3_999);
  expect(job.run).toHaveBeenCalledTimes(3);
  await pass(1);
  expect(job.run).toHaveBeenCalledTimes(4);
  await jobs.stop();
});
