import type { Stall } from '../../books/application/shared-ports.js';
import type { StallView } from './report-stalls.js';

const STATES: Readonly<Record<Stall['state'], { readonly is: string; readonly whatToDo: string }>> =
  {
    stopped: {
      is: 'is stopped by a broken invariant; what comes to it waits, unposted',
      whatToDo:
        'Find the log line "broken invariant" of wallet-ledger (error and offset), repair the cause, restart wallet-ledger; see docs/operating.md, "A paused partition".',
    },
    failing: {
      is: 'keeps failing on the same batch; what comes behind it waits, unposted',
      whatToDo:
        'Find the log line "batch keeps failing" of wallet-ledger (error and offset) and repair the cause; the batch is retried automatically.',
    },
    unsettled: {
      is: 'of holds were sent to the ledger several times and are not in the books; their money stays held',
      whatToDo:
        'Look at `orbit dlq list charge.requested` for why the ledger cannot take them; they are sent again ever more rarely, and never dropped.',
    },
  };

export function stallView({ what, state, detail }: Stall, since: string): StallView {
  return { what, state, detail, since, what_to_do: STATES[state].whatToDo };
}

/** One sentence for whoever may not see what was wrong. */
export function stallReason({ what, state, since }: StallView): string {
  return `${what} ${STATES[state].is} (since ${since})`;
}
