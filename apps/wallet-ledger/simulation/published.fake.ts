import type { CreditTakenBack } from '@orbit/events';
import { invariant } from '@orbit/kernel';
import type { Entry } from '../src/books/domain/wallet.js';
import type { LedgerEvent, LedgerEvents } from '../src/books/application/ports.js';
import type { CrashPoint } from './crash.fake.js';

interface ChargeResult {
  readonly charge_id: string;
  readonly organization_id: string;
  readonly currency: string;
  readonly reason?: string;
}

/** What the world has heard: every event at least once, and never two stories under one id. */
export class Published implements LedgerEvents {
  private readonly byId = new Map<string, string>();
  /** "organization currency charge" → posted or rejected. */
  readonly outcomes = new Map<string, string>();
  /** "wallet reference" of what was taken back. */
  private readonly taken = new Set<string>();

  constructor(private readonly crash: CrashPoint) {}

  publish(events: readonly LedgerEvent[]): Promise<void> {
    for (const event of events) {
      // A process may die with half of its events sent.
      this.crash.pass();
      this.hear(event);
    }
    this.crash.pass();
    return Promise.resolve();
  }

  hasTaken(walletId: string, { reference }: Pick<Entry, 'reference'>): boolean {
    return this.taken.has(`${walletId} ${reference}`);
  }

  private hear({ topic, id, value }: LedgerEvent): void {
    if (topic === 'credit.taken_back') {
      const { wallet_id: walletId, reference } = value as CreditTakenBack;
      this.taken.add(`${walletId} ${reference}`);
    }
    if (topic !== 'charge.posted' && topic !== 'charge.rejected') return;
    const result = value as ChargeResult;
    if (result.reason === 'charge_id_conflict') return;
    const story = JSON.stringify(value);
    const known = this.byId.get(id);
    invariant(known === undefined || known === story, `${id} is told the same every time`);
    this.byId.set(id, story);
    const charge = `${result.organization_id} ${result.currency} ${result.charge_id}`;
    const before = this.outcomes.get(charge);
    invariant(before === undefined || before === topic, `${charge} has one outcome`);
    this.outcomes.set(charge, topic);
  }
}
