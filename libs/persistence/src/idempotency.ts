import { Prisma, type PrismaClient } from './generated/client.js';

type Sql = Pick<PrismaClient, '$queryRaw' | '$executeRaw'>;

/** Schemas of services that own operations of /v1. */
export type IdempotencySchema = 'invoicing' | 'usage_metering' | 'wallet_ledger';

/** The request behind one key of one account. */
export interface IdempotentRequest {
  readonly accountId: string;
  readonly key: string;
  /** The same for a repeat, another one for another request under the same key. */
  readonly requestHash: string;
}

export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
}

/** `other_request`: the key was used with another payload. `in_flight`: the first one has not ended. */
export type IdempotentOutcome =
  | { readonly kind: 'done' | 'replayed'; readonly answer: KeptAnswer }
  | { readonly kind: 'other_request' | 'in_flight' };

/** Real time: how long an answer is kept, in milliseconds. */
export const IDEMPOTENCY_KEPT_MS = 48 * 60 * 60 * 1_000;
/** Old answers that one request sweeps out. */
const SWEPT_MAX = 20;

/**
 * Runs `work` once per account and key, and keeps its answer in `<schema>.idempotency_record` in the same transaction
 * as its effect: after a kill either both are there or neither. Refusals are kept too, so `work` decides before it
 * writes.
 */
export async function answerOnce(
  sql: Sql,
  schema: IdempotencySchema,
  request: IdempotentRequest,
  nowMs: number,
  work: () => Promise<KeptAnswer>,
): Promise<IdempotentOutcome> {
  const { accountId, key, requestHash } = request;
  const table = Prisma.raw(`${schema}.idempotency_record`);
  const name = `idempotency ${schema} ${accountId} ${key}`;
  const [lock] = await sql.$queryRaw<{ taken: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) AS taken`;
  if (lock?.taken !== true) return { kind: 'in_flight' };
  const oldest = new Date(nowMs - IDEMPOTENCY_KEPT_MS);
  const [kept] = await sql.$queryRaw<{ request_hash: string; status: number; body: string }[]>`
    SELECT request_hash, status, body FROM ${table}
    WHERE account_id = ${accountId} AND key = ${key} AND created_at > ${oldest}`;
  if (kept) {
    if (kept.request_hash !== requestHash) return { kind: 'other_request' };
    return { kind: 'replayed', answer: { status: kept.status, body: kept.body } };
  }
  const answer = await work();
  await sql.$executeRaw`
    INSERT INTO ${table} (account_id, key, request_hash, status, body, created_at)
    VALUES (${accountId}, ${key}, ${requestHash}, ${answer.status}, ${answer.body}, ${new Date(nowMs)})
    ON CONFLICT (account_id, key) DO UPDATE SET
      request_hash = excluded.request_hash, status = excluded.status, body = excluded.body,
      created_at = excluded.created_at`;
  await sql.$executeRaw`
    DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE created_at <= ${oldest} ORDER BY created_at LIMIT ${SWEPT_MAX}
      FOR UPDATE SKIP LOCKED))`;
  return { kind: 'done', answer };
}
