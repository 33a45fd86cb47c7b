import { invariant } from '@orbit/kernel';

/**
 * The state of a lane (partition-lane.ts).
 * - `idle`: nothing waits.
 * - `running`: a run is handled, or waits for its turn.
 * - `backingOff`: a run has failed and is tried again soon.
 * - `stalled`: its retries are used up; it rests and is tried anew, until it succeeds.
 * - `abandoned`: the partition was given anew; the run under way ends by itself and is not tried again.
 * - `stopped`: an invariant is broken. Nothing leads out of it but a restart.
 */
export const LANE_STATES = [
  'idle',
  'running',
  'backingOff',
  'stalled',
  'abandoned',
  'stopped',
] as const;
export type LaneState = (typeof LANE_STATES)[number];

/**
 * - `push`: something arrives. `start`: a run begins. `succeed`: it is done.
 * - `fail`: it has failed, and there are retries left. `retry`: the wait after that is over. `exhaust`: there are none left.
 * - `clear`: the partition is given anew. `end`: nothing is under way any more. `break`: an invariant does not hold.
 */
export const LANE_EVENTS = [
  'push',
  'start',
  'succeed',
  'fail',
  'retry',
  'exhaust',
  'clear',
  'end',
  'break',
] as const;
export type LaneEvent = (typeof LANE_EVENTS)[number];

type Transitions = Readonly<Record<LaneState, Partial<Record<LaneEvent, LaneState>>>>;

/** An event that a state does not list cannot happen in it. */
export const LANE_TRANSITIONS: Transitions = {
  idle: { push: 'running', clear: 'idle' },
  running: {
    push: 'running',
    start: 'running',
    succeed: 'running',
    fail: 'backingOff',
    exhaust: 'stalled',
    clear: 'abandoned',
    end: 'idle',
    break: 'stopped',
  },
  // A stop may end it while it waits.
  backingOff: { push: 'backingOff', retry: 'running', clear: 'abandoned', end: 'idle' },
  // A run that is tried anew is stalled until it succeeds, however its retries end. A stop ends it as it is.
  stalled: {
    push: 'stalled',
    succeed: 'running',
    fail: 'stalled',
    retry: 'stalled',
    exhaust: 'stalled',
    clear: 'abandoned',
    end: 'stalled',
    break: 'stopped',
  },
  abandoned: {
    push: 'abandoned',
    start: 'running',
    succeed: 'running',
    fail: 'abandoned',
    retry: 'abandoned',
    exhaust: 'abandoned',
    clear: 'abandoned',
    end: 'idle',
    break: 'stopped',
  },
  stopped: { push: 'stopped', clear: 'stopped', end: 'stopped' },
};

export function nextLaneState(state: LaneState, event: LaneEvent): LaneState {
  const next = LANE_TRANSITIONS[state][event];
  invariant(next, `a lane that is ${state} has no ${event}`);
  return next;
}
