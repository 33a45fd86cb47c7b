import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { notFound, refused } from '@orbit/orb-api';
import { CommandFault } from '../../books/application/ports.js';
import type { CreditRefusal } from '../domain/credit-changes.js';
import type { KeptAnswers, KeyedRequest } from './credit-ports.js';
import type { BookEntry, BookedEntry } from './book-entry.js';
import { Refused, violation } from './read-entry.js';

/** `POST …/credits/ledger_entry`. Errors: OrbitError `unavailable`, the database's own; refusals are answers. */
export class ServeLedgerEntry {
  constructor(
    private readonly bookEntry: BookEntry,
    private readonly answers: KeptAnswers,
  ) {}

  async create(call: OrbCall): Promise<OrbAnswer> {
    const keyed = keyedOf(call);
    const kept = keyed && (await this.keptAnswer(keyed));
    if (kept) return kept;
    try {
      return await this.decide(call, keyed);
    } catch (error) {
      if (!keyed || !(error instanceof CommandFault)) throw error;
      // Another request with this key was first.
      return (await this.keptAnswer(keyed)) ?? IN_FLIGHT;
    }
  }

  private async decide(call: OrbCall, keyed: KeyedRequest | null): Promise<OrbAnswer> {
    const refusal = await this.tryToBook(call, keyed);
    if (!('refusal' in refusal)) return refusal.answer;
    const answer = refused(refusal.refusal);
    if (keyed) {
      const { status, body } = answer;
      await this.answers.keep(keyed, { status, body: body ?? '' });
    }
    return answer;
  }

  private async tryToBook(
    call: OrbCall,
    keyed: KeyedRequest | null,
  ): Promise<BookedEntry | Pick<Refused, 'refusal'>> {
    try {
      const booked = await this.bookEntry.run(call, (answer) =>
        keyed ? [this.answers.write(keyed, answer)] : [],
      );
      return 'refusal' in booked ? refusalOf(booked.refusal, call) : booked;
    } catch (error) {
      if (error instanceof Refused) return error;
      throw error;
    }
  }

  private async keptAnswer(keyed: KeyedRequest): Promise<OrbAnswer | null> {
    const kept = await this.answers.find(keyed);
    if (!kept) return null;
    if (kept.requestHash !== keyed.requestHash) return OTHER_REQUEST;
    return { status: kept.status, body: kept.body, is_replay: true };
  }
}

const IN_FLIGHT = refused({
  code: 'resource_conflict',
  detail: 'The first request with this Idempotency-Key has not ended. Repeat this one.',
});
const OTHER_REQUEST: OrbAnswer = {
  ...refused({
    code: 'resource_conflict',
    detail: 'This Idempotency-Key was used with another request. Use a new one.',
  }),
  is_final: true,
};

const keyedOf = ({ account, idempotency }: OrbCall): KeyedRequest | null =>
  idempotency && {
    accountId: account.id,
    key: idempotency.key,
    requestHash: idempotency.request_hash,
  };

const REFUSALS: Readonly<Record<Exclude<CreditRefusal, 'unknown_block' | 'held'>, string>> = {
  reserved_unit: 'currency names units that plans include; they cannot be changed here.',
  balance_limit:
    'amount would take the balance past what a ledger can hold. Choose a larger pricing unit.',
  block_is_over: 'block_id: the block has expired or was taken back.',
  exceeds_initial: 'amount is more than the initial balance of the block.',
  nothing_left: 'block_id: nothing is left of the block.',
  exceeds_balance: 'amount is more than the balance of the block.',
  set_aside: 'amount: some of the block is set aside for a lease, a refund or a dispute.',
  in_debt: 'The customer owes more than nothing: credit that moves would repay that first.',
  before_effective: 'target_expiry_date is before the effective date of the block.',
  already_over: 'expiry_date is over already.',
  same_end: 'target_expiry_date is when the block expires anyhow.',
  exceeds_decremented:
    'amount is more than decrements took of the block and amendments did not give back. A charge is given back by reversing it.',
};

export function refusalOf(refusal: CreditRefusal, { body }: OrbCall): Pick<Refused, 'refusal'> {
  if (refusal === 'unknown_block') {
    return { refusal: notFound('credit block', String(body['block_id'])) };
  }
  if (refusal === 'held') {
    const detail = 'Open authorizations count on this credit. Wait until they end, or take less.';
    return { refusal: { code: 'resource_conflict', detail } };
  }
  return violation(REFUSALS[refusal]);
}
