import type { Clock } from '@orbit/kernel';
import type { Pool } from 'pg';
import { CommandFault, type BesideWrite, type SqlRunner } from '../../books/application/ports.js';
import type { KeptAnswer, KeptAnswers, KeyedRequest } from '../application/credit-ports.js';

/** Real time, in milliseconds; as in libs/persistence. */
const KEPT_MS = 48 * 60 * 60 * 1_000;
const SWEPT_MAX = 20;

// A row that is older than it is kept for makes room for the next one.
const INSERT = `
  INSERT INTO wallet_ledger.idempotency_record AS r (account_id, key, request_hash, status, body, created_at)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (account_id, key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status,
    body = excluded.body, created_at = excluded.created_at WHERE r.created_at <= $7`;
const SWEEP = `
  DELETE FROM wallet_ledger.idempotency_record WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM wallet_ledger.idempotency_record WHERE created_at <= $1 ORDER BY created_at LIMIT ${SWEPT_MAX}
    FOR UPDATE SKIP LOCKED))`;

/** Answers under Idempotency-Keys, beside the entries that they show. */
export class PostgresKeptAnswers implements KeptAnswers {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
  ) {}

  async find({ accountId, key }: KeyedRequest): Promise<KeptAnswer | null> {
    const { rows } = await this.pool.query<{ request_hash: string; status: number; body: string }>(
      `SELECT request_hash, status, body FROM wallet_ledger.idempotency_record
       WHERE account_id = $1 AND key = $2 AND created_at > $3`,
      [accountId, key, this.oldest()],
    );
    const [row] = rows;
    return row ? { requestHash: row.request_hash, status: row.status, body: row.body } : null;
  }

  write(request: KeyedRequest, answer: Omit<KeptAnswer, 'requestHash'>): BesideWrite {
    return {
      write: async (sql) => {
        if (await this.insert(sql, request, answer)) return;
        throw new CommandFault('Another request holds this Idempotency-Key.');
      },
    };
  }

  async keep(request: KeyedRequest, answer: Omit<KeptAnswer, 'requestHash'>): Promise<void> {
    await this.insert(
      { query: (text, values) => this.pool.query(text, [...values]) },
      request,
      answer,
    );
    await this.pool.query(SWEEP, [this.oldest()]);
  }

  private async insert(
    sql: SqlRunner,
    { accountId, key, requestHash }: KeyedRequest,
    { status, body }: Omit<KeptAnswer, 'requestHash'>,
  ): Promise<boolean> {
    const now = new Date(this.clock.nowMs());
    const { rowCount } = await sql.query(INSERT, [
      ...[accountId, key, requestHash, status, body, now],
      this.oldest(),
    ]);
    return rowCount === 1;
  }

  private oldest(): Date {
    return new Date(this.clock.nowMs() - KEPT_MS);
  }
}
