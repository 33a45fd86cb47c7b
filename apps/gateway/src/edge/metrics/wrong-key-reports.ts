import { counter } from '@orbit/metrics';
import type { Logger } from '@orbit/runtime';
import type { WrongKeyReport } from '../keys/wrong-keys.js';

/** Counts every wrong key, and logs the first of an address and the first that it may not send any more. */
export function wrongKeyReports(logger: Pick<Logger, 'warn'>): WrongKeyReport {
  const total = counter('orbit_wrong_keys_total');
  return ({ door, block, isThrottled, isFirst }) => {
    total.inc({ door, answer: isThrottled ? 'throttled' : 'refused' });
    if (!isFirst) return;
    const what = isThrottled ? 'too many wrong keys: the address is throttled' : 'wrong key';
    logger.warn({ door, address: block }, what);
  };
}
