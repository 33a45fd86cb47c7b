import { NotAllowed } from './sql-text.js';

/** A node of PostgreSQL's own syntax tree, as JSON: `{"A_Const": {…}}`. */
export type SqlNode = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, unknown>>;

/** Parses one text into PostgreSQL's tree of statements. Errors: NotAllowed with PostgreSQL's own message. */
export type ParseSql = (text: string) => Promise<readonly SqlNode[]>;

/** Kind and fields of a node. */
export function open(node: unknown): { readonly kind: string; readonly fields: Fields } {
  const [entry] = Object.entries((node ?? {}) as SqlNode);
  if (!entry) throw new NotAllowed('a part of it is missing');
  return { kind: entry[0], fields: (entry[1] ?? {}) as Fields };
}

/** Refuses every field of a node that nothing here reads, so that nothing is overlooked. */
export function only(fields: Fields, known: readonly string[], what: string): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'location' || name.endsWith('_location') || known.includes(name)) continue;
    if (value === false || (Array.isArray(value) && value.length === 0)) continue;
    throw new NotAllowed(`${what} with ${name} is not allowed`);
  }
}

export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as readonly unknown[]) : [];

/** Of a name in one or more parts, in lower case, without pg_catalog. */
export function nameOf(parts: unknown): string {
  const names = listOf(parts).map((part) => {
    const { kind, fields } = open(part);
    return kind === 'String' ? String(fields['sval'] ?? '') : '*';
  });
  return (names[0] === 'pg_catalog' ? names.slice(1) : names).join('.').toLowerCase();
}

const ALIASES: Readonly<Record<string, string>> = {
  SubLink: 'a subquery',
  ParamRef: 'a numbered parameter',
  SQLValueFunction: 'a function of the session such as CURRENT_USER',
  A_ArrayExpr: 'an array',
  A_Indirection: 'a subscript',
  RowExpr: 'a row',
  CollateClause: 'COLLATE',
  GroupingFunc: 'GROUPING',
  XmlExpr: 'XML',
  JsonFuncExpr: 'a JSON function',
  SetToDefault: 'DEFAULT',
};

/** Names of refused nodes, for people. */
export const refuseNode = (kind: string): NotAllowed =>
  new NotAllowed(`${ALIASES[kind] ?? kind} is not allowed`);
