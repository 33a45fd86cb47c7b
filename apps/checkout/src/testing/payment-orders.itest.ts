// Goal: docs/cases.md T17–T23 come out with their numbers in every order in which Stripe may tell them,
// each thing told three times. Method: real Postgres, two instances taking turns, and the plainest
// ledger over what they publish.
import { CheckoutUnderTest } from './checkout.fake.js';
import { DECLINED_TOLD, RELOADS } from './payment-reloads.fake.js';
import { permutations, STORIES, viewOf, type Story } from './payment-stories.fake.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());
afterEach(() => {
  checkout.aheadMs = 0;
});

const TIMES = 3;
/** Stories that are told at once: they have nothing to do with one another. */
const WIDTH = 6;

/** The orders of each chapter, side by side: as many runs as the longest has orders. */
async function ordersOf(story: Story): Promise<number[][][]> {
  const told = await story.begin(checkout);
  const orders: number[][][] = [];
  for (const chapter of told.chapters) {
    const { steps } = chapter();
    orders.push(permutations(steps.map((_, index) => index)));
    for (const step of steps) await step(checkout.parts);
  }
  return orders;
}

async function tell(story: Story, orders: readonly (readonly number[] | undefined)[]) {
  const told = await story.begin(checkout);
  const instances = [checkout.parts, checkout.twin];
  for (const [at, chapter] of told.chapters.entries()) {
    const { steps, books, topup, check } = chapter();
    const order = orders[at] ?? steps.map((_, index) => index);
    for (let time = 0; time < TIMES; time++) {
      for (const index of order) await steps[index]?.(instances[(time + index) % 2]!);
    }
    const found = { order, ...viewOf(await checkout.written(told.organizationId), told) };
    expect(found).toMatchObject({ order, ...books });
    await check?.();
    if (topup !== undefined)
      expect((await checkout.topup(String(told.topupId)))['state']).toBe(topup);
  }
}

const TITLED: readonly (readonly [string, Story, number])[] = [
  ...[...STORIES, ...RELOADS].map((story) => [story.title, story, WIDTH] as const),
  // It moves the clock, which all share.
  [DECLINED_TOLD.title, DECLINED_TOLD, 1],
];

test.each(TITLED)(
  '%s, in every order, three times each',
  async (_title, story, width) => {
    const chapters = await ordersOf(story);
    const runs = Math.max(...chapters.map((orders) => orders.length));
    for (let first = 0; first < runs; first += width) {
      if (width === 1) checkout.aheadMs = 0;
      const some = Array.from({ length: Math.min(width, runs - first) }, (_, i) => first + i);
      await Promise.all(
        some.map((run) =>
          tell(
            story,
            chapters.map((orders) => orders[run % orders.length]),
          ),
        ),
      );
    }
  },
  240_000,
);
