import { lockByName, type Sql } from '@orbit/persistence';
import { documentNumber, type DocumentKind } from '../domain/document-number.js';

type SeriesSql = Pick<Sql, '$queryRaw' | '$executeRaw'>;

/**
 * Waits for its turn, which ends with the transaction. A lock by name: the row of a new year is not there yet; and one
 * for all series of an account, taken first, makes deadlocks impossible.
 */
export const lockSeries = (sql: SeriesSql, account: string): Promise<void> =>
  lockByName(sql, `invoicing.document_series ${account}`);

/** Takes so many numbers of each year; returns the last one taken. A rollback gives them back. */
export async function takeNumbers(
  sql: SeriesSql,
  account: string,
  kind: DocumentKind,
  counts: ReadonlyMap<number, number>,
): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.$queryRaw<{ year: number; last: number }[]>`
    INSERT INTO invoicing.document_series AS s (account, kind, year, last)
    SELECT ${account}, ${kind}, year::integer, count::integer
    FROM unnest(${[...counts.keys()].map(String)}::text[],
                ${[...counts.values()].map(String)}::text[]) AS n(year, count)
    ON CONFLICT (account, kind, year) DO UPDATE SET last = s.last + excluded.last
    RETURNING year, last`;
  return new Map(rows.map(({ year, last }) => [year, last]));
}

/** The last number taken of a series; 0: none. The caller holds its turn. */
export async function lastNumber(
  sql: SeriesSql,
  account: string,
  kind: DocumentKind,
  year: number,
): Promise<number> {
  const [row] = await sql.$queryRaw<{ last: number }[]>`
    SELECT last FROM invoicing.document_series
    WHERE account = ${account} AND kind = ${kind} AND year = ${year}`;
  return row?.last ?? 0;
}

/** The next number of a series, as it is printed; waits for its turn. */
export async function takeNumber(
  sql: SeriesSql,
  account: string,
  kind: DocumentKind,
  year: number,
): Promise<string> {
  await lockSeries(sql, account);
  const last = await takeNumbers(sql, account, kind, new Map([[year, 1]]));
  return documentNumber(kind, year, last.get(year) ?? 0);
}
