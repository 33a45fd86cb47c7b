import { micros } from '@orbit/money';
import {
  captureHold,
  HOLD_ACTIONS,
  HOLD_STATES,
  HOLD_TRANSITIONS,
  holdAt,
  openHold,
  releaseHold,
  type Hold,
  type HoldState,
} from './hold-state.js';

const six = micros(6_000_000n);
const four = micros(4_000_000n);
const END_MS = 1_000;
const hold = (state: HoldState, capturedMicros = micros(0n)): Hold => ({
  ...openHold(six, END_MS),
  state,
  capturedMicros,
});

test('HOLD_TRANSITIONS: only a held one changes; from every other state no action leads to a state but a late capture', () => {
  for (const state of HOLD_STATES) {
    for (const action of HOLD_ACTIONS) {
      const next = HOLD_TRANSITIONS[state][action];
      const leaves = (HOLD_STATES as readonly string[]).includes(next) && next !== state;
      const isRefusal = state !== 'held' && next !== 'same' && next !== 'late';
      if (state === 'held') expect(leaves).toBe(true);
      else expect(next === 'same' || next === 'late' || isRefusal).toBe(true);
    }
  }
});

test('T04 capture: a part of the hold is charged and the rest is free at once', () => {
  expect(captureHold(hold('held'), four, 0, false)).toEqual({
    status: 'changed',
    hold: hold('captured', four),
    freedMicros: 2_000_000n,
  });
});

test('T05 capture twice: the same amount answers the same, another one is a conflict, whatever the clock says', () => {
  for (const nowMs of [0, END_MS, END_MS + 1]) {
    const captured = hold('captured', four);
    expect(captureHold(captured, four, nowMs, true)).toEqual({ status: 'same', hold: captured });
    for (const other of [six, micros(1n), micros(7_000_000n)])
      expect(captureHold(captured, other, nowMs, true)).toEqual({
        status: 'refused',
        reason: 'conflict',
      });
  }
});

test('T05 capture above the hold is refused before and after its end', () => {
  for (const nowMs of [0, END_MS])
    expect(captureHold(hold('held'), micros(six + 1n), nowMs, true)).toEqual({
      status: 'refused',
      reason: 'exceeds_hold',
    });
});

test('T05 void after capture and capture after void are refused; a second void answers the same', () => {
  expect(releaseHold(hold('captured', six), 0)).toEqual({ status: 'refused', reason: 'captured' });
  expect(captureHold(hold('released'), six, 0, true)).toEqual({
    status: 'refused',
    reason: 'released',
  });
  expect(releaseHold(hold('released'), 0)).toEqual({ status: 'same', hold: hold('released') });
});

test('T05 capture at the instant of expiry is refused, or taken anew from the wallet when its policy settles late', () => {
  expect(captureHold(hold('held'), six, END_MS - 1, false).status).toBe('changed');
  expect(captureHold(hold('held'), six, END_MS, false)).toEqual({
    status: 'refused',
    reason: 'expired',
  });
  const late = captureHold(hold('held'), four, END_MS, true);
  expect(late).toEqual({ status: 'changed', hold: hold('captured', four), freedMicros: -four });
  expect(late.status === 'changed' && captureHold(late.hold, four, END_MS + 9, true).status).toBe(
    'same',
  );
  expect(releaseHold(hold('held'), END_MS)).toEqual({ status: 'refused', reason: 'expired' });
});

test('holdAt: a held one expires at its instant; one that has ended never changes again', () => {
  expect(holdAt(hold('held'), END_MS - 1).state).toBe('held');
  expect(holdAt(hold('held'), END_MS).state).toBe('expired');
  for (const state of ['captured', 'released', 'expired'] as const)
    expect(holdAt(hold(state), END_MS * 9).state).toBe(state);
});
