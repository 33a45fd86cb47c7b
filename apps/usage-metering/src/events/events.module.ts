import type { AccountClock, Clock } from '@orbit/kernel';
import { instances, type Feature, type RpcClient } from '@orbit/runtime';
import { EventsController } from './adapters/events.controller.js';
import { PostgresCorrector, PostgresEvents } from './adapters/postgres-events.js';
import { RpcBillingPeriods } from './adapters/rpc-billing-periods.js';
import { CorrectEvents } from './application/correct-events.js';
import type { InFlight } from './application/ports.js';
import { ServeEvents } from './application/serve-events.js';
import type { SqlSession, Transactions, UsageFollower } from './domain/usage-store.js';

/** Parts that every room of usage events is wired from. */
export interface UsageParts {
  readonly transactions: Transactions;
  /** Statements outside of a transaction. */
  readonly sql: SqlSession;
  /** Called in this order with the changes of each transaction. */
  readonly followers: readonly UsageFollower[];
  readonly inFlight: InFlight;
  readonly clock: Clock;
  readonly accountClock: AccountClock;
}

/** Events that are stored: search, volume and corrections. */
export function eventsFeature(parts: UsageParts, invoicing: Pick<RpcClient, 'call'>): Feature {
  const { transactions, sql, followers, inFlight, clock, accountClock } = parts;
  const corrector = new PostgresCorrector(transactions, followers);
  const periods = new RpcBillingPeriods(invoicing);
  const correct = new CorrectEvents(corrector, inFlight, accountClock, clock, periods);
  const serve = new ServeEvents(new PostgresEvents(sql), accountClock);
  return { controllers: [EventsController], providers: instances(serve, correct) };
}
