import type { Standstill } from '@orbit/messaging';
import type { Stall } from '../../books/application/shared-ports.js';

const DETAIL_LENGTH_MAX = 500;

/** The partitions that stall, under the names by which operators know them. */
export const partitionStalls = (
  standstills: readonly Standstill[],
  topicPrefix: string,
): readonly Stall[] =>
  standstills.map(({ at, isStopped, why }) => ({
    what: at.startsWith(topicPrefix) ? at.slice(topicPrefix.length) : at,
    state: isStopped ? 'stopped' : 'failing',
    detail: why.slice(0, DETAIL_LENGTH_MAX),
  }));
