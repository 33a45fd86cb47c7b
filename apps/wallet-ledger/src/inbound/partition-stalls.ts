import type { Stall } from '../application/tell-stalls.js';

const REASON = /^partition (paused|keeps failing): (.+\/\d+): (.*)$/s;
const DETAIL_LENGTH_MAX = 500;

/** The partitions that stand still, from what the consumer says in `/health/ready`. */
export function partitionStalls(reasons: readonly string[], topicPrefix: string): Stall[] {
  return reasons.flatMap((reason): Stall[] => {
    const [, how, at = '', why = ''] = REASON.exec(reason) ?? [];
    if (how === undefined) return [];
    return [
      {
        what: at.startsWith(topicPrefix) ? at.slice(topicPrefix.length) : at,
        state: how === 'paused' ? 'stopped' : 'failing',
        detail: why.slice(0, DETAIL_LENGTH_MAX),
      },
    ];
  });
}
