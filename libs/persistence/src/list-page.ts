import type { CreatedBetween, ListPosition } from '@orbit/orb-api';
import { Prisma } from './generated/client.js';

/**
 * A condition that follows another: of a list that begins with the newest, the rows behind where the page before
 * ended. `row` is the table's alias; `column` is the instant that the list goes by. Both are ours, never a caller's.
 */
export function rowsAfter(after: ListPosition | null, row = '', column = 'created_at'): Prisma.Sql {
  if (after === null) return Prisma.empty;
  const of = prefixOf(row);
  return Prisma.sql`AND (${of}${Prisma.raw(column)}, ${of}position)
    < (${after.createdAt}::timestamptz, ${after.position}::bigint)`;
}

/** A condition that follows another: rows that were created between the bounds that were asked for. */
export function createdIn({ gte, gt, lt, lte }: CreatedBetween, row = ''): Prisma.Sql {
  const of = prefixOf(row);
  return Prisma.sql`
    AND ${of}created_at >= coalesce(${gte}::timestamptz, '-infinity')
    AND ${of}created_at > coalesce(${gt}::timestamptz, '-infinity')
    AND ${of}created_at < coalesce(${lt}::timestamptz, 'infinity')
    AND ${of}created_at <= coalesce(${lte}::timestamptz, 'infinity')`;
}

const prefixOf = (row: string): Prisma.Sql => Prisma.raw(row === '' ? '' : `${row}.`);
