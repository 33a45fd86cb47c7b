import { NotAllowed } from '../domain/sql-text.js';
import type { ParseSql, SqlNode } from '../domain/sql-tree.js';

type Parser = typeof import('libpg-query');
let parser: Promise<Parser> | undefined;

/** PostgreSQL's own parser as WebAssembly. Loaded at the first metric, not at the start. */
export const parseWithPostgres: ParseSql = async (text) => {
  parser ??= import('libpg-query');
  const { parse, SqlError } = await parser;
  try {
    const { stmts } = (await parse(text)) as { stmts?: readonly { stmt: SqlNode }[] };
    return (stmts ?? []).map(({ stmt }) => stmt);
  } catch (error) {
    if (error instanceof SqlError) throw new NotAllowed(error.message);
    throw error;
  }
};
