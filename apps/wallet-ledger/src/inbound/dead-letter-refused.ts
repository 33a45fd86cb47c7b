import type { EventBatch, ReceivedEvent } from '@orbit/messaging';
import type { CommandResult } from '../application/commands.js';

const DETAIL = {
  unknown_wallet:
    'The organization has no wallet in this currency. Open it, then retry the dead letter.',
  balance_limit: 'The balance would pass what a wallet can hold (2^53 micros).',
} as const;

/** A command that no wallet can take is kept for an operator, with the reason. */
export function deadLetterRefused<T>(
  batch: EventBatch<T>,
  events: readonly ReceivedEvent<T>[],
  results: readonly CommandResult[],
): void {
  for (const [index, result] of results.entries()) {
    const event = events[index];
    if (event && result.status === 'refused')
      batch.deadLetter(event, result.reason, DETAIL[result.reason]);
  }
}
