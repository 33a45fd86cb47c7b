/** The way of usage events into the tables and their corrections, wired as the service wires them. */
import { systemClock } from '@orbit/kernel';
import { CustomerChanges } from '../../../apps/usage-metering/dist/aggregation/adapters/customer-changes.js';
import { PostgresRollups } from '../../../apps/usage-metering/dist/aggregation/adapters/postgres-rollups.js';
import { PostgresCorrector } from '../../../apps/usage-metering/dist/events/adapters/postgres-events.js';
import {
  makeUsagePool,
  PostgresTransactions,
} from '../../../apps/usage-metering/dist/events/adapters/postgres-sessions.js';
import { PostgresVolume } from '../../../apps/usage-metering/dist/events/adapters/postgres-volume.js';
import { CorrectEvents } from '../../../apps/usage-metering/dist/events/application/correct-events.js';
import { PostgresUsageWriter } from '../../../apps/usage-metering/dist/ingest/adapters/postgres-usage-writer.js';
import { StoreEvents } from '../../../apps/usage-metering/dist/ingest/application/store-events.js';
import { StoreMessages } from '../../../apps/usage-metering/dist/ingest/application/store-messages.js';

const POOL_SIZE = 4;

export function meteringParts({ databaseUrl, nowMs, failPoint }) {
  const logger = { warn: () => undefined };
  const pool = makeUsagePool({ databaseUrl, sizeMax: POOL_SIZE, logger });
  const bare = new PostgresTransactions(pool);
  const transactions = failPoint?.transactions(bare) ?? bare;
  const rollups = new CustomerChanges('postgres', new PostgresRollups(systemClock));
  const parts = [new PostgresVolume(), rollups];
  const followers = failPoint?.followers(...parts) ?? parts;
  const accountClock = { nowMs: () => Promise.resolve(nowMs) };
  const store = new StoreEvents(new PostgresUsageWriter(transactions, followers), systemClock);
  const backfills = { store: () => Promise.resolve(false) };
  const messages = new StoreMessages(store, backfills, accountClock, systemClock);
  const corrector = new PostgresCorrector(transactions, followers);
  const inFlight = { arrived: () => Promise.resolve() };
  const periods = { current: () => Promise.resolve([]) };
  const correct = new CorrectEvents(corrector, inFlight, accountClock, systemClock, periods);
  return {
    pool,
    bare,
    /** Corrections are asked for one by one, as they come over RPC. Errors: one that is refused. */
    async run(job) {
      for (const { kind, call } of job.corrections ?? []) {
        const { status } = await correct[kind](call);
        if (status !== 200) throw new Error(`${kind} of ${call.path.event_id}: ${status}`);
      }
      const stored = messages.run(job.messages ?? []);
      await (failPoint?.beforeOffsets(stored) ?? stored);
    },
    end: () => pool.end(),
  };
}
