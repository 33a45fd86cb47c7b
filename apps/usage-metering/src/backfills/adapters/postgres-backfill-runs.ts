import {
  fromUsageRow,
  USAGE_COLUMNS,
  type UsageEventRow,
} from '../../events/adapters/usage-event-rows.js';
import { fingerprintOf, keyHashOf } from '../../events/domain/fingerprint.js';
import type { AcceptedEvent, UsageEvent } from '../../events/domain/usage-event.js';
import type { SqlSession, Transactions, UsageFollower } from '../../events/domain/usage-store.js';
import type { BackfillRuns, EventFilter } from '../application/ports.js';
import type { Backfill } from '../domain/backfill.js';
import { fromBackfillRow, type BackfillRow } from './backfill-rows.js';

const PAGE_SIZE = 2_000;

const DUE = `
  SELECT b.* FROM usage_metering.usage_backfill b
  LEFT JOIN usage_metering.account_clock c USING (account_id)
  WHERE b.status = 'pending_revert'
    OR (b.status = 'pending' AND b.close_time <= coalesce(c.now_at, $1))
  ORDER BY b.position LIMIT 20`;
const LOCK = `SELECT * FROM usage_metering.usage_backfill WHERE id = $1 FOR NO KEY UPDATE`;
const SET_STATUS = `UPDATE usage_metering.usage_backfill SET status = $2 WHERE id = $1`;
const EXISTING = `
  SELECT ${USAGE_COLUMNS} FROM usage_metering.usage_event e
  WHERE e.account_id = $1 AND e.state = 'visible' AND e.event_time >= $2 AND e.event_time < $3
    AND ($4::text IS NULL OR e.customer_id = $4) AND e.backfill_id IS DISTINCT FROM $5
    AND e.event_no > $6
  ORDER BY e.event_no LIMIT ${PAGE_SIZE}`;
const REPLACE = `
  UPDATE usage_metering.usage_event SET state = 'replaced', replaced_by = $2
  WHERE event_no = ANY ($1::bigint[]) AND state = 'visible' RETURNING event_no`;
/** A key that counts outside of the backfill stays what it is; the event of the backfill is its duplicate. */
const SHOW = `
  WITH page AS (
    SELECT * FROM usage_metering.usage_event
    WHERE backfill_id = $1 AND state = 'waiting' ORDER BY key_hash LIMIT ${PAGE_SIZE}
  ), taken AS (
    INSERT INTO usage_metering.usage_key AS k (account_id, key_hash, event_time, version, event_no, state)
    SELECT account_id, key_hash, event_time, version, event_no, 'live' FROM page ORDER BY key_hash
    ON CONFLICT (account_id, key_hash) DO UPDATE SET
      event_time = excluded.event_time, version = excluded.version, event_no = excluded.event_no
    WHERE k.state = 'live' AND (
      SELECT c.state FROM usage_metering.usage_event c WHERE c.event_no = k.event_no
    ) <> 'visible'
    RETURNING event_no
  )
  UPDATE usage_metering.usage_event e
  SET state = CASE WHEN e.event_no IN (SELECT event_no FROM taken) THEN 'visible' ELSE 'duplicate' END
  FROM page WHERE e.event_no = page.event_no
  RETURNING ${USAGE_COLUMNS}`;
const HIDE = `
  UPDATE usage_metering.usage_event e SET state = 'reverted'
  WHERE e.event_no IN (SELECT event_no FROM usage_metering.usage_event
    WHERE backfill_id = $1 AND state = 'visible' ORDER BY event_no LIMIT ${PAGE_SIZE})
  RETURNING ${USAGE_COLUMNS}`;
const FREE_KEYS = `
  DELETE FROM usage_metering.usage_key k USING usage_metering.usage_event e
  WHERE e.event_no = ANY ($1::bigint[]) AND k.account_id = e.account_id AND k.key_hash = e.key_hash
    AND k.event_no = e.event_no AND k.state = 'live'`;
const RESTORE = `
  WITH restored AS (
    UPDATE usage_metering.usage_event e SET state = 'visible', replaced_by = NULL
    WHERE e.event_no IN (SELECT event_no FROM usage_metering.usage_event
      WHERE replaced_by = $1 AND state = 'replaced' ORDER BY event_no LIMIT ${PAGE_SIZE})
    RETURNING e.*
  ), keyed AS (
    INSERT INTO usage_metering.usage_key (account_id, key_hash, event_time, version, event_no, state)
    SELECT account_id, key_hash, event_time, version, event_no, 'live' FROM restored ORDER BY key_hash
    ON CONFLICT DO NOTHING
  )
  SELECT ${USAGE_COLUMNS} FROM restored e`;
const INSERT = `
  INSERT INTO usage_metering.usage_event
    (event_no, account_id, idempotency_key, key_hash, version, customer_id, external_customer_id,
     event_name, event_time, properties, state, backfill_id, ingested_at, fingerprint)
  SELECT nextval('usage_metering.usage_event_no'), $1, key, hash, 1,
    coalesce(customer, (SELECT customer_id FROM usage_metering.customer_name
                        WHERE account_id = $1 AND external_customer_id = external)),
    external, name, time, properties, $10, $11, $12, fingerprint
  FROM unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
              $8::jsonb[], $9::uuid[])
    AS t (key, hash, customer, external, name, time, properties, fingerprint)
  ON CONFLICT (backfill_id, key_hash) WHERE backfill_id IS NOT NULL AND version = 1 DO NOTHING
  RETURNING event_no`;
const COUNT = `
  UPDATE usage_metering.usage_backfill SET events_ingested = events_ingested + $2 WHERE id = $1`;

/** Backfills on the events: each step is one transaction, so that it is seen whole or not at all. */
export class PostgresBackfillRuns implements BackfillRuns {
  constructor(
    private readonly transactions: Transactions,
    private readonly sql: SqlSession,
    private readonly followers: readonly UsageFollower[],
  ) {}

  async due(nowMs: number): Promise<readonly Backfill[]> {
    return (await this.sql.query<BackfillRow>(DUE, [new Date(nowMs)])).map(fromBackfillRow);
  }

  async reflect(id: string, filter: EventFilter | null): Promise<void> {
    await this.transactions.run(async (sql) => {
      const backfill = await lock(sql, id);
      if (backfill?.status !== 'pending') return;
      if (backfill.replacesExisting) await this.replace(sql, backfill, filter);
      await this.show(sql, id);
      await sql.query(SET_STATUS, [id, 'reflected']);
    });
  }

  async revert(id: string): Promise<void> {
    await this.transactions.run(async (sql) => {
      if ((await lock(sql, id))?.status !== 'pending_revert') return;
      await this.paged(sql, HIDE, id, async (removed) => {
        await sql.query(FREE_KEYS, [removed.map(({ eventNo }) => eventNo.toString())]);
        await this.follow(sql, [], removed);
      });
      await this.paged(sql, RESTORE, id, (added) => this.follow(sql, added, []));
      await sql.query(SET_STATUS, [id, 'reverted']);
    });
  }

  /** Events that were accepted for a backfill; false when the account has no such one. May be repeated. */
  async store(
    accountId: string,
    id: string,
    events: readonly AcceptedEvent[],
    ingestedAtMs: number,
  ): Promise<boolean> {
    return this.transactions.run(async (sql) => {
      const backfill = await lock(sql, id);
      if (backfill?.accountId !== accountId) return false;
      const isEnded = backfill.status === 'reverted' || backfill.status === 'pending_revert';
      const state = isEnded ? 'reverted' : 'waiting';
      const rows = await sql.query(INSERT, [
        accountId,
        events.map((event) => event.idempotencyKey),
        events.map((event) => keyHashOf(event.idempotencyKey)),
        events.map((event) => event.customerId),
        events.map((event) => event.externalCustomerId),
        events.map((event) => event.eventName),
        events.map((event) => new Date(event.timestampMs).toISOString()),
        events.map((event) => JSON.stringify(event.properties)),
        events.map(fingerprintOf),
        state,
        id,
        new Date(ingestedAtMs),
      ]);
      await sql.query(COUNT, [id, rows.length]);
      // It was accepted before the backfill closed, and comes after: it counts from now on.
      if (backfill.status === 'reflected') await this.show(sql, id);
      return true;
    });
  }

  private async replace(
    sql: SqlSession,
    backfill: Backfill,
    filter: EventFilter | null,
  ): Promise<void> {
    const { id, accountId, customerId, timeframeStart, timeframeEnd } = backfill;
    const window = [accountId, timeframeStart, timeframeEnd, customerId, id];
    let afterNo = '0';
    for (;;) {
      const rows = await sql.query<UsageEventRow>(EXISTING, [...window, afterNo]);
      const events = rows.map(fromUsageRow).filter((event) => filter?.(event) ?? true);
      const numbers = events.map(({ eventNo }) => eventNo.toString());
      const left = await sql.query<{ readonly event_no: string }>(REPLACE, [numbers, id]);
      const gone = new Set(left.map(({ event_no }) => event_no));
      const removed = events.filter(({ eventNo }) => gone.has(eventNo.toString()));
      await this.follow(sql, [], removed);
      if (rows.length < PAGE_SIZE) return;
      afterNo = rows.at(-1)?.event_no ?? afterNo;
    }
  }

  private show(sql: SqlSession, id: string): Promise<void> {
    return this.paged(sql, SHOW, id, (events) =>
      this.follow(
        sql,
        events.filter(({ state }) => state === 'visible'),
        [],
      ),
    );
  }

  private async paged(
    sql: SqlSession,
    text: string,
    id: string,
    work: (events: readonly UsageEvent[]) => Promise<void>,
  ): Promise<void> {
    for (;;) {
      const events = (await sql.query<UsageEventRow>(text, [id])).map(fromUsageRow);
      if (events.length > 0) await work(events);
      if (events.length < PAGE_SIZE) return;
    }
  }

  private async follow(
    sql: SqlSession,
    added: readonly UsageEvent[],
    removed: readonly UsageEvent[],
  ): Promise<void> {
    if (added.length === 0 && removed.length === 0) return;
    for (const follower of this.followers) await follower.apply(sql, { added, removed });
  }
}

async function lock(sql: SqlSession, id: string): Promise<Backfill | null> {
  const [row] = await sql.query<BackfillRow>(LOCK, [id]);
  return row ? fromBackfillRow(row) : null;
}
