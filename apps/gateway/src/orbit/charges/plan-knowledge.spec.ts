// Goal: what is remembered of a plan spares charges a question, and is never older than ten seconds. Method: a clock by
// hand, and plans that count how often they are asked.
import { expect, test } from '@jest/globals';
import type { SubscriptionView } from '@orbit/contracts';
import { PlanMemory } from './plan-knowledge.js';

type Subscription = SubscriptionView | null;

class Counted {
  asked = 0;
  isAway = false;
  private plan: Subscription = null;
  nowMs = 0;
  readonly memory = new PlanMemory(
    {
      read: () => {
        this.asked += 1;
        return this.isAway ? Promise.reject(new Error('away')) : Promise.resolve(this.plan);
      },
    },
    () => this.nowMs,
  );

  subscribe(): void {
    this.plan = {} as NonNullable<Subscription>;
  }

  ask(): Promise<boolean> {
    return this.memory.hasPlan('org_a');
  }
}

test('a plan bought since the last charge long ago is known to the very next one', async () => {
  const plans = new Counted();
  expect(await plans.ask()).toBe(false);
  plans.subscribe();
  plans.nowMs = 3_600_000;
  expect(await plans.ask()).toBe(true);
  expect(plans.asked).toBe(2);
});

test('who charges all the time waits once; the answer is asked anew every five seconds', async () => {
  const plans = new Counted();
  expect(await plans.ask()).toBe(false);
  plans.subscribe();
  plans.nowMs = 4_999;
  expect(await plans.ask()).toBe(false);
  expect(plans.asked).toBe(1);
  plans.nowMs = 5_000;
  expect(await plans.ask()).toBe(false);
  expect(plans.asked).toBe(2);
  await new Promise(setImmediate);
  expect(await plans.ask()).toBe(true);
  expect(plans.asked).toBe(2);
});

test('while invoicing is away what was known last holds, however old', async () => {
  const plans = new Counted();
  plans.subscribe();
  expect(await plans.ask()).toBe(true);
  plans.isAway = true;
  plans.nowMs = 3_600_000;
  expect(await plans.ask()).toBe(true);
});

test('who was shown a plan is charged by it at once, also by an answer that was on its way before', async () => {
  const plans = new Counted();
  expect(await plans.ask()).toBe(false);
  plans.nowMs = 20_000;
  const late = plans.ask();
  plans.nowMs = 20_001;
  plans.memory.learn('org_a', true);
  expect(await late).toBe(true);
  expect(await plans.ask()).toBe(true);
});

test('who went to pay for a plan is asked about at each charge, until it has one or an hour is over', async () => {
  const plans = new Counted();
  expect(await plans.ask()).toBe(false);
  plans.memory.expectPlan('org_a');
  expect([await plans.ask(), await plans.ask(), plans.asked]).toEqual([false, false, 3]);
  plans.subscribe();
  expect([await plans.ask(), await plans.ask(), plans.asked]).toEqual([true, true, 4]);
  plans.memory.learn('org_a', false);
  plans.nowMs = 3_600_001;
  plans.memory.learn('org_a', false);
  expect([await plans.ask(), plans.asked]).toEqual([false, 4]);
});

test('a plan that is told too late for one charge is known to the next', async () => {
  const answers: ((plan: Subscription) => void)[] = [];
  const memory = new PlanMemory(
    { read: () => new Promise((resolve) => answers.push(resolve)) },
    () => 0,
  );
  expect(await memory.hasPlan('org_a')).toBe(false);
  answers[0]?.({} as NonNullable<Subscription>);
  await new Promise(setImmediate);
  expect(await memory.hasPlan('org_a')).toBe(true);
  expect(answers).toHaveLength(1);
});
