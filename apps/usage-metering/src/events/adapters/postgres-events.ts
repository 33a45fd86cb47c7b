import { keyHashOf } from '../domain/fingerprint.js';
import type { UsageEvent } from '../domain/usage-event.js';
import type {
  SqlSession,
  Transactions,
  UsageChange,
  UsageFollower,
} from '../domain/usage-store.js';
import type {
  CorrectionKind,
  CorrectionTransaction,
  EventsCorrector,
  EventsReader,
  RegisteredEvent,
  SearchQuery,
  VolumeQuery,
} from '../application/ports.js';
import {
  fromUsageRow,
  INSERT_USAGE_EVENTS,
  USAGE_COLUMNS,
  usageEventColumns,
  type UsageEventRow,
} from './usage-event-rows.js';

interface Row extends UsageEventRow {
  readonly key_hash: string;
  readonly key_state: string;
}

const REGISTERED = `
  SELECT ${USAGE_COLUMNS}, k.key_hash, k.state AS key_state
  FROM usage_metering.usage_key k JOIN usage_metering.usage_event e ON e.event_no = k.event_no
  WHERE k.account_id = $1`;
const SEARCH = `${REGISTERED} AND k.key_hash = ANY ($2::uuid[])
  AND e.event_time >= $3 AND e.event_time < $4 ORDER BY e.event_time, e.event_no`;
const LOCK = `${REGISTERED} AND k.key_hash = $2 FOR NO KEY UPDATE OF k`;
const VOLUME = `
  SELECT hour, sum(event_count)::bigint AS count FROM usage_metering.usage_volume
  WHERE account_id = $1 AND hour >= $2 AND hour < $3
  GROUP BY hour HAVING sum(event_count) <> 0 ORDER BY hour LIMIT $4`;
const HOLD_LIMIT = `SELECT pg_advisory_xact_lock(hashtextextended('usage correction ' || $1 || ' ' || $2, 0))`;
const COUNT = `
  SELECT count(*)::integer AS count FROM usage_metering.usage_correction
  WHERE account_id = $1 AND customer_id = $2 AND kind = $3 AND made_at > $4`;
const NEXT_NO = `SELECT nextval('usage_metering.usage_event_no') AS event_no`;
const SET_STATE = `UPDATE usage_metering.usage_event SET state = $2 WHERE event_no = $1`;
const SET_KEY = `
  UPDATE usage_metering.usage_key SET version = $3, event_no = $4, state = $5
  WHERE account_id = $1 AND key_hash = $2`;
const ADD_CORRECTION = `
  INSERT INTO usage_metering.usage_correction
    (account_id, customer_id, kind, idempotency_key, event_no, made_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;

const fromRow = (row: Row): RegisteredEvent => ({
  event: fromUsageRow(row),
  keyHash: row.key_hash.replaceAll('-', ''),
  isDeprecated: row.key_state === 'deprecated',
});

export class PostgresEvents implements EventsReader {
  constructor(private readonly sql: SqlSession) {}

  async search({
    accountId,
    keys,
    fromMs,
    toMs,
  }: SearchQuery): Promise<readonly RegisteredEvent[]> {
    const values = [accountId, keys.map(keyHashOf), new Date(fromMs), new Date(toMs)];
    return (await this.sql.query<Row>(SEARCH, values)).map(fromRow);
  }

  async volume(
    query: VolumeQuery,
  ): Promise<readonly { readonly hourMs: number; readonly count: number }[]> {
    const { accountId, fromMs, toMs, limit } = query;
    const rows = await this.sql.query<{ readonly hour: Date; readonly count: string }>(VOLUME, [
      accountId,
      new Date(fromMs),
      new Date(toMs),
      limit,
    ]);
    return rows.map(({ hour, count }) => ({ hourMs: hour.getTime(), count: Number(count) }));
  }
}

export class PostgresCorrector implements EventsCorrector {
  constructor(
    private readonly transactions: Transactions,
    private readonly followers: readonly UsageFollower[],
  ) {}

  inTransaction<T>(work: (tx: CorrectionTransaction) => Promise<T>): Promise<T> {
    return this.transactions.run((sql) => work(new SqlCorrections(sql, this.followers)));
  }
}

class SqlCorrections implements CorrectionTransaction {
  constructor(
    private readonly sql: SqlSession,
    private readonly followers: readonly UsageFollower[],
  ) {}

  async lock(accountId: string, idempotencyKey: string): Promise<RegisteredEvent | null> {
    // Twice: the first look waits for whoever holds the key, and may show the event of before.
    const values = [accountId, keyHashOf(idempotencyKey)];
    await this.sql.query<Row>(LOCK, values);
    const [row] = await this.sql.query<Row>(LOCK, values);
    return row ? fromRow(row) : null;
  }

  async countSince(
    accountId: string,
    customerId: string,
    kind: CorrectionKind,
    sinceMs: number,
  ): Promise<number> {
    await this.sql.query(HOLD_LIMIT, [accountId, customerId]);
    const values = [accountId, customerId, kind, new Date(sinceMs)];
    const [row] = await this.sql.query<{ readonly count: number }>(COUNT, values);
    return row?.count ?? 0;
  }

  async replace(
    old: RegisteredEvent,
    version: Omit<UsageEvent, 'eventNo'>,
    nowMs: number,
  ): Promise<void> {
    const { event, keyHash } = old;
    const [next] = await this.sql.query<{ readonly event_no: string }>(NEXT_NO);
    const added = { ...version, eventNo: BigInt(next?.event_no ?? 0) };
    await this.sql.query(INSERT_USAGE_EVENTS, usageEventColumns([added], [keyHash]));
    await this.sql.query(SET_STATE, [event.eventNo.toString(), 'amended']);
    const key = [event.accountId, keyHash, added.version, added.eventNo.toString(), 'live'];
    await this.sql.query(SET_KEY, key);
    await this.keep(old, 'amend', nowMs);
    await this.follow({ added: [added], removed: [event] });
  }

  async deprecate(old: RegisteredEvent, nowMs: number): Promise<void> {
    const { event, keyHash } = old;
    const eventNo = event.eventNo.toString();
    await this.sql.query(SET_STATE, [eventNo, 'deprecated']);
    const key = [event.accountId, keyHash, event.version, eventNo, 'deprecated'];
    await this.sql.query(SET_KEY, key);
    await this.keep(old, 'deprecate', nowMs);
    await this.follow({ added: [], removed: [event] });
  }

  private async keep(
    { event }: RegisteredEvent,
    kind: CorrectionKind,
    nowMs: number,
  ): Promise<void> {
    await this.sql.query(ADD_CORRECTION, [
      event.accountId,
      event.customerId,
      kind,
      event.idempotencyKey,
      event.eventNo.toString(),
      new Date(nowMs),
    ]);
  }

  private async follow(change: UsageChange): Promise<void> {
    for (const follower of this.followers) await follower.apply(this.sql, change);
  }
}
