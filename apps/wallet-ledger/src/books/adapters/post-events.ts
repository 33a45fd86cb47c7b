import type { EventBatch, ReceivedEvent } from '@orbit/messaging';
import type { ChangeRefusal } from '../domain/wallet.js';
import type { CommandResult, LedgerCommand } from '../application/commands.js';

const REFUSED_DETAIL = {
  unknown_wallet:
    'The organization has no wallet in this currency. Open it, then retry the dead letter.',
  balance_limit: 'The balance would pass what a wallet can hold (2^53 micros).',
  insufficient_funds: 'The wallet does not cover it.',
  paused: 'The wallet is paused.',
  not_found:
    'The wallet has no such object. Publish what made it first, then retry the dead letter.',
  reference_conflict: 'The reference was used before, for something else.',
  exceeds_refundable: 'It is more than is unspent of the payment.',
  exceeds_charge: 'It is more than was charged and is not reversed yet.',
  already_over: 'Its end is over already.',
  below_used: 'It is below what of the block was used or is set aside.',
  held: 'Open authorizations count on this credit.',
  conflict: 'It does not fit the state that the object is in.',
} as const satisfies Record<ChangeRefusal, string>;

/** `PostBatch`, or what stands before it for one topic. */
interface Poster<C extends LedgerCommand> {
  run(commands: readonly C[], claimId: string): Promise<readonly CommandResult[]>;
}

/**
 * One group commit per batch. What can never be a command (`toCommand` answers why) and what no
 * wallet can take is kept for an operator in the dead letters, with the reason.
 */
export async function postEvents<T, C extends LedgerCommand>(
  batch: EventBatch<T>,
  postBatch: Poster<C>,
  invalidCode: string,
  toCommand: (event: ReceivedEvent<T>) => C | string,
): Promise<void> {
  const accepted: { event: ReceivedEvent<T>; command: C }[] = [];
  for (const event of batch.events) {
    const command = toCommand(event);
    if (typeof command === 'string') batch.deadLetter(event, invalidCode, command);
    else
      accepted.push({ event, command: event.trace ? { ...command, trace: event.trace } : command });
  }
  if (accepted.length === 0) return;
  const commands = accepted.map(({ command }) => command);
  const results = await postBatch.run(commands, `${batch.topic}-${batch.partition}`);
  for (const [index, { event }] of accepted.entries()) {
    const result = results[index];
    if (result?.status === 'refused') {
      batch.deadLetter(event, result.reason, REFUSED_DETAIL[result.reason]);
    }
  }
}
