// Goal: docs/cases.md T17–T23 come out with their numbers wherever checkout dies: after each call of
// each adapter (the inbox, Stripe, the ledger, each write of a transaction, its commit, the
// publishing and its mark); between two calls nothing is done that lasts. Method: the first run
// notes the steps of each chapter; each further one kills an instance at one of them and lets
// another go on: Stripe sends again what got no answer, or never does and it is found.
import { CheckoutUnderTest } from './checkout.fake.js';
import { DECLINED, RELOADS } from './payment-reloads.fake.js';
import { STORIES, viewOf, type Step, type Story } from './payment-stories.fake.js';

let checkout: CheckoutUnderTest;
beforeAll(async () => {
  checkout = await CheckoutUnderTest.start();
});
afterAll(() => checkout?.close());
afterEach(() => {
  checkout.step = () => undefined;
  checkout.aheadMs = 0;
});

const MINUTE_MS = 60_000;
/** To die after one of these is to die after what was done before it. */
const READS = /^after (read|list|find|lock[A-Z]|refundsOf|disputesOf|takeDue|payments|unbooked)/;
class Death extends Error {}

/** A step by its name, the first of that name in its chapter. */
interface Place {
  readonly chapter: number;
  readonly name: string;
}

/** Notes the steps of the first instance; at one of them it dies, and is dead from then on. */
class Mortal {
  readonly steps: Place[] = [];
  chapter = 0;
  isDead = false;
  constructor(private readonly place: Place | null) {}

  readonly step = (name: string): void => {
    if (this.isDead) throw new Death('dead');
    if (!name.startsWith('after') || READS.test(name)) return;
    this.steps.push({ chapter: this.chapter, name });
    this.isDead = this.chapter === this.place?.chapter && name === this.place.name;
    if (this.isDead) throw new Death(name);
  };
}

/** Tells the story to an instance that dies at that place; answers the steps that it lived to see. */
async function tell(story: Story, place: Place | null): Promise<readonly Place[]> {
  const told = await story.begin(checkout);
  const mortal = new Mortal(place);
  for (const [at, chapter] of told.chapters.entries()) {
    mortal.chapter = at;
    const { steps, books, topup, check } = chapter();
    checkout.step = mortal.step;
    for (const step of steps) {
      await live(mortal, step);
      await live(mortal, (instance) => instance.relay.run());
    }
    checkout.step = () => undefined;
    await findTheRest();
    expect({ place, ...viewOf(checkout.facts, told) }).toMatchObject({ place, ...books });
    await check?.();
    const { state } = await checkout.topup(String(told.topupId));
    if (topup !== undefined) expect({ place, state }).toEqual({ place, state: topup });
  }
  checkout.aheadMs = 0;
  expect(mortal.isDead).toBe(place !== null);
  return mortal.steps;
}

/** One thing reaches the first instance; when that dies of it, the other is told, unless it finds it stored. */
async function live(mortal: Mortal, step: Step): Promise<void> {
  if (mortal.isDead) return void (await step(checkout.twin));
  const before = mortal.steps.length;
  const died = await step(checkout.parts).catch((error: unknown) => error);
  if (!mortal.isDead) return died instanceof Error ? Promise.reject(died) : undefined;
  const done = mortal.steps.slice(before).map(({ name }) => name);
  const isStored = done.includes('after receive') || done.includes('after begin');
  // Its sender got no answer and sends again; every second time it never does.
  if (!isStored || mortal.steps.length % 2 === 0) await step(checkout.twin);
}

/** What the background of a living instance does in the next hour. */
async function findTheRest(): Promise<void> {
  for (const minutes of [2, 45]) {
    checkout.aheadMs += minutes * MINUTE_MS;
    await checkout.twin.sweep.run();
    await checkout.twin.refunds.recover.run();
    await checkout.twin.relay.run();
    for (const { topic, value } of checkout.facts)
      if (topic === 'topup.completed') checkout.ledger.book(value);
    await checkout.twin.autoReload.run();
  }
}

/** Kills it at each kind of step of each chapter in turn; the names of these steps. */
async function dieEverywhere(story: Story): Promise<readonly string[]> {
  const steps = await tell(story, null);
  const places = new Map(steps.map((place) => [`${place.chapter} ${place.name}`, place]));
  for (const place of places.values()) await tell(story, place);
  return [...places.values()].map(({ name }) => name);
}

const SETTLING = ['receive', 'closeEvent', 'addToOutbox', 'inTransaction', 'publish', 'drain'];
const RELOADING = ['insert', 'save', 'charge', 'lock', 'addToOutbox', 'inTransaction'];

test.each([
  ...STORIES.map((story) => [story.title, story, SETTLING] as const),
  ...[...RELOADS, DECLINED].map((story) => [story.title, story, RELOADING] as const),
])(
  '%s, wherever checkout dies',
  async (_title, story, calls) => {
    const places = await dieEverywhere(story);
    expect(places).toEqual(expect.arrayContaining(calls.map((call) => `after ${call}`)));
  },
  240_000,
);
