// Goal: the scripts in Redis and the pure state machine answer alike, through every cell of its table.
import { setTimeout as sleep } from 'node:timers/promises';
import { testInfra, uniqueId } from '@orbit/testing';
import type { Micros } from '@orbit/money';
import {
  captureHold,
  HOLD_STATES,
  holdAt,
  openHold,
  releaseHold,
  type Hold,
  type HoldOutcome,
  type HoldState,
} from './hold-state.js';
import { SpendFixture, intentOf, usd } from './spend-fixture.js';

let fixture: SpendFixture;
beforeAll(async () => {
  fixture = new SpendFixture(testInfra().redisUrl);
  await fixture.ready();
});
afterAll(() => fixture.close());

type Action = { readonly kind: 'release' } | { readonly kind: 'capture'; readonly units: bigint };
const ACTIONS: readonly Action[] = [
  { kind: 'release' },
  { kind: 'capture', units: 2n },
  { kind: 'capture', units: 3n },
  { kind: 'capture', units: 4n },
];

async function act(org: string, id: string, action: Action): Promise<string> {
  const client = fixture.client();
  const result =
    action.kind === 'release'
      ? await client.release(org, id)
      : await client.capture(org, id, usd(action.units));
  if (!('replayed' in result)) return result.status;
  return result.replayed ? 'same' : 'changed';
}

function expected(hold: Hold, action: Action, allowsLateCapture: boolean): HoldOutcome {
  const nowMs = hold.state === 'expired' ? hold.expiresAtMs : 0;
  if (action.kind === 'release') return releaseHold(hold, nowMs);
  return captureHold(hold, usd(action.units), nowMs, allowsLateCapture);
}

/** A hold of 3.00 in a wallet of 10.00, brought to a state in Redis and in the machine. */
async function holdIn(state: HoldState, org: string): Promise<{ id: string; hold: Hold }> {
  const made = await fixture.client().authorize({
    ...intentOf(org, 'hold', usd(3n)),
    ttlMs: state === 'expired' ? 5 : 60_000,
  });
  if (made.status !== 'authorized') throw new Error('refused');
  const id = made.authorizationId;
  const hold = openHold(usd(3n), made.expiresAtMs);
  if (state === 'expired') {
    await sleep(10);
    return { id, hold: holdAt(hold, hold.expiresAtMs) };
  }
  if (state === 'held') return { id, hold };
  const action = ACTIONS[state === 'released' ? 0 : 1]!;
  expect(await act(org, id, action)).toBe('changed');
  const ended = expected(hold, action, false);
  if (ended.status !== 'changed') throw new Error('the machine refused');
  return { id, hold: ended.hold };
}

const heldOf = ({ state, amountMicros, capturedMicros }: Hold): bigint =>
  state === 'held' ? amountMicros : capturedMicros;

test.each([false, true])(
  'T05 every action on a hold in every state answers and moves money as the state machine says; settles late: %s',
  async (allowsLateCapture) => {
    for (const state of HOLD_STATES) {
      for (const action of ACTIONS) {
        const org = uniqueId('org');
        await fixture.open(org, 10n, { allowsLateCapture });
        const { id, hold } = await holdIn(state, org);
        const outcome = expected(hold, action, allowsLateCapture);
        const wanted = outcome.status === 'refused' ? outcome.reason : outcome.status;
        const note = `${state} ${JSON.stringify(action, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))}`;
        expect(`${note}: ${await act(org, id, action)}`).toBe(`${note}: ${wanted}`);
        const after = outcome.status === 'refused' ? hold : outcome.hold;
        const held = heldOf(after);
        expect([note, ...(await fixture.balance(org))]).toEqual([
          note,
          usd(10n),
          held,
          usd(10n) - held,
        ]);
      }
    }
  },
);

test('T05 a late capture by policy pays once, even beyond what is left, and its repeat publishes the same charge', async () => {
  const org = uniqueId('org');
  await fixture.open(org, 10n, { allowsLateCapture: true });
  const client = fixture.client();
  fixture.published.length = 0;
  const { id } = await holdIn('expired', org);
  // The money went to somebody else meanwhile.
  await client.charge(intentOf(org, 'other', usd(9n)));
  const captures = await Promise.all(
    [1, 2, 3].map(() => client.capture(org, id, usd(3n) as Micros)),
  );
  expect(captures.map(({ status }) => status)).toEqual(['captured', 'captured', 'captured']);
  expect(await fixture.balance(org)).toEqual([usd(10n), usd(12n), -usd(2n)]);
  expect(new Set(fixture.published.map(({ id: chargeId }) => chargeId))).toEqual(
    new Set(['other', 'hold']),
  );
});
