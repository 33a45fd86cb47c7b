import { micros } from '@orbit/money';
import { OutageBudgets } from './outage-budgets.js';
import type { LoadedWallet, OutagePolicy } from '../types.js';

const terms = (outagePolicy: OutagePolicy, budget = 10n): LoadedWallet => ({
  isRecovering: true,
  outagePolicy,
  outageBudgetMicros: micros(budget),
  pausedReason: null,
});

test('take: closed gives nothing, open gives anything, a budget is shared among the processes and never passed', () => {
  const budgets = new OutageBudgets(2);
  expect(budgets.take('w', terms('closed'), micros(1n), 0)).toBeNull();
  expect(budgets.take('w', terms('open'), micros(1_000n), 0)).toBe(0n);
  expect(budgets.take('w', terms('open_with_budget'), micros(3n), 0)).toBe(2n);
  expect(budgets.take('w', terms('open_with_budget'), micros(3n), 0)).toBeNull();
  expect(budgets.take('w', terms('open_with_budget'), micros(2n), 0)).toBe(0n);
  expect(budgets.take('other', terms('open_with_budget'), micros(5n), 0)).toBe(0n);
});

test('giveBack: what was not used is there again, and never more than that', () => {
  const budgets = new OutageBudgets(1);
  budgets.take('w', terms('open_with_budget'), micros(10n), 0);
  budgets.giveBack('w', 4n);
  expect(budgets.take('w', terms('open_with_budget'), micros(5n), 0)).toBeNull();
  expect(budgets.take('w', terms('open_with_budget'), micros(4n), 0)).toBe(0n);
  budgets.giveBack('w', 99n);
  expect(budgets.take('w', terms('open_with_budget'), micros(11n), 0)).toBeNull();
});

test('end: an outage that comes and goes within a minute does not bring the budget back each time', () => {
  const budgets = new OutageBudgets(1);
  budgets.take('w', terms('open_with_budget'), micros(10n), 0);
  budgets.end('w', 59_999);
  expect(budgets.take('w', terms('open_with_budget'), micros(1n), 59_999)).toBeNull();
  budgets.end('w', 60_000);
  expect(budgets.take('w', terms('open_with_budget'), micros(10n), 60_000)).toBe(0n);
});
