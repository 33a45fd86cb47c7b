import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { decodeCursor, encodeCursor, fingerprintOf } from '../cursor.js';
import { ORB_ERRORS, problemOf, type OrbRefusal } from '../errors.js';
import { printJson } from './print-json.js';

/** An answer of /v1: made here as a whole, passed on by the gateway as it is. */
export const answered = (status: number, value: unknown): OrbAnswer => ({
  status,
  body: printJson(value),
});

export const noContent: OrbAnswer = { status: 204, body: null };

export const refused = (refusal: OrbRefusal): OrbAnswer =>
  answered(ORB_ERRORS[refusal.code][0], problemOf(refusal));

export const invalid = (fault: string): OrbAnswer =>
  refused({ code: 'request_validation_errors', detail: fault, validationErrors: [fault] });

/** Changes of one account: all of it or nothing, and once per Idempotency-Key. Errors: the database's own. */
export interface Changes<Tx> {
  /** `work` decides before it writes: a refusal of it is kept as an answer, with what it wrote. */
  run(call: OrbCall, work: (tx: Tx) => Promise<OrbAnswer>): Promise<OrbAnswer>;
}

/** The position of a row in a list, newest first. */
export interface Listed {
  readonly createdAt: Date;
  readonly position: bigint;
}

/** How far a list was read: rows after this one follow. */
export interface ListPosition {
  readonly createdAt: Date;
  readonly position: bigint;
}

export interface PageQuery {
  readonly accountId: string;
  readonly limit: number;
  readonly after: ListPosition | null;
}

/** Null: the cursor is not one of this list with these filters. */
export function pageQueryOf(operationId: string, call: OrbCall): PageQuery | null {
  const { account, query } = call;
  const limit = Number(query['limit'] ?? 20);
  const { cursor } = query;
  if (typeof cursor !== 'string') return { accountId: account.id, limit, after: null };
  const position = decodeCursor(fingerprint(operationId, call), cursor);
  const [createdAtMs, number] = position ?? [];
  if (typeof createdAtMs !== 'number' || !/^\d{1,18}$/.test(String(number))) return null;
  const after = { createdAt: new Date(createdAtMs), position: BigInt(String(number)) };
  return { accountId: account.id, limit, after };
}

export const NOT_A_CURSOR = 'cursor is not one that an earlier page of this list answered';

/** `rows` are one more than the page may hold, where there are more. */
export function pageOf<Row extends Listed>(
  operationId: string,
  call: OrbCall,
  query: PageQuery,
  rows: readonly Row[],
  show: (row: Row) => unknown,
): OrbAnswer {
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const has_more = rows.length > query.limit;
  const position = last && [last.createdAt.getTime(), String(last.position)];
  const next_cursor =
    has_more && position ? encodeCursor(fingerprint(operationId, call), position) : null;
  return answered(200, {
    data: shown.map(show),
    pagination_metadata: { has_more, next_cursor },
  });
}

const fingerprint = (operationId: string, { account, path, query }: OrbCall): string =>
  fingerprintOf(`${account.id} ${operationId}`, path, query);
