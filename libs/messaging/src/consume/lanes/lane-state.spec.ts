// Goal: a lane has one state, every state can be left but the one that needs a person, and nothing that happens
// to a lane is without a place in the table.
import {
  LANE_EVENTS,
  LANE_STATES,
  LANE_TRANSITIONS,
  nextLaneState,
  type LaneEvent,
  type LaneState,
} from './lane-state.js';

const targets = (state: LaneState): LaneState[] => Object.values(LANE_TRANSITIONS[state]);

function reachableFrom(from: LaneState): Set<LaneState> {
  const seen = new Set<LaneState>([from]);
  for (const state of seen) for (const next of targets(state)) seen.add(next);
  return seen;
}

test('every state is reached from idle', () => {
  expect([...reachableFrom('idle')].sort()).toEqual([...LANE_STATES].sort());
});

test.each(LANE_STATES.filter((state) => state !== 'stopped'))('%s leads back to idle', (state) => {
  expect(reachableFrom(state)).toContain('idle');
});

test('nothing leads out of stopped, and what arrives there changes nothing', () => {
  expect([...reachableFrom('stopped')]).toEqual(['stopped']);
  expect(nextLaneState('stopped', 'push')).toBe('stopped');
});

test.each(LANE_STATES)('whatever is %s can get more, and be given anew', (state) => {
  expect(LANE_TRANSITIONS[state].push).toBeDefined();
  const given = LANE_TRANSITIONS[state].clear;
  expect(given).toBe(state === 'idle' || state === 'stopped' ? state : 'abandoned');
});

test.each([
  ['a run that succeeds', ['push', 'start', 'succeed', 'end'], 'idle'],
  ['a run that fails once', ['push', 'start', 'fail', 'retry', 'succeed', 'end'], 'idle'],
  ['a run out of retries', ['push', 'start', 'fail', 'retry', 'exhaust'], 'stalled'],
  ['one that fails again after its rest', ['push', 'start', 'exhaust', 'retry', 'fail'], 'stalled'],
  ['one that succeeds at last', ['push', 'start', 'exhaust', 'retry', 'succeed'], 'running'],
  ['one given anew while it rests', ['push', 'start', 'exhaust', 'clear', 'retry'], 'abandoned'],
  [
    'what comes after that',
    ['push', 'start', 'fail', 'clear', 'push', 'retry', 'start'],
    'running',
  ],
  ['a broken invariant', ['push', 'start', 'break', 'clear', 'end'], 'stopped'],
] as const satisfies readonly (readonly [string, readonly LaneEvent[], LaneState])[])(
  '%s',
  (_what, events, last) => {
    const state = (events as readonly LaneEvent[]).reduce<LaneState>(nextLaneState, 'idle');
    expect(state).toBe(last);
  },
);

test('an event that cannot happen in a state is a bug of ours', () => {
  const impossible = LANE_STATES.flatMap((state) =>
    LANE_EVENTS.filter((event) => LANE_TRANSITIONS[state][event] === undefined).map(
      (event) => [state, event] as const,
    ),
  );
  expect(impossible).toContainEqual(['idle', 'succeed']);
  for (const [state, event] of impossible) {
    expect(() => nextLaneState(state, event)).toThrow(`a lane that is ${state} has no ${event}`);
  }
});
