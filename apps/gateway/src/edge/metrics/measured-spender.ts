import { OrbitError } from '@orbit/contracts';
import { counter, histogram } from '@orbit/metrics';
import type { Spender } from '../ports.js';

type Operation = keyof Spender;

const seconds = histogram('orbit_spend_seconds');
const outcomes = counter('orbit_spend_total');

/** Counts and times what a spender does; every answer and error passes as it is. */
export function measuredSpender(inner: Spender): Spender {
  const authorize = meterOf('authorize');
  const capture = meterOf('capture');
  const release = meterOf('release');
  const charge = meterOf('charge');
  return {
    authorize: (intent) => authorize(inner.authorize(intent)),
    capture: (organizationId, authorizationId, amount) =>
      capture(inner.capture(organizationId, authorizationId, amount)),
    release: (organizationId, authorizationId) =>
      release(inner.release(organizationId, authorizationId)),
    charge: (intent, options) => charge(inner.charge(intent, options)),
  };
}

interface Outcome {
  readonly status: string;
  readonly reason?: string;
}

function meterOf(operation: Operation) {
  const timer = seconds.labels(operation);
  const byOutcome = new Map<string, ReturnType<typeof outcomes.labels>>();
  const count = (outcome: string, startedMs: number): void => {
    let child = byOutcome.get(outcome);
    if (!child) byOutcome.set(outcome, (child = outcomes.labels(operation, outcome)));
    child.inc();
    timer.observe((performance.now() - startedMs) / 1_000);
  };
  return async <T extends Outcome>(work: Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    try {
      const result = await work;
      count(result.reason ?? result.status, startedMs);
      return result;
    } catch (error) {
      count(error instanceof OrbitError ? error.code : 'internal_error', startedMs);
      throw error;
    }
  };
}
