import {
  EVENT_COLUMNS,
  FUNCTIONS,
  type CastType,
  type Comparison,
  type EventColumn,
  type Expression,
  type FunctionName,
} from './expression.js';
import { readConstant } from './read-constant.js';
import { NotAllowed } from './sql-text.js';
import { listOf, nameOf, only, open, refuseNode } from './sql-tree.js';
import { PATTERN_LENGTH_MAX } from './values.js';

/** How deep a tree may be: `a + b + c + …` is one deep for each sign. */
export const TREE_DEPTH_MAX = 250;

/** Where a text is read: what it is called, and what its names and calls mean. */
export interface ReadingContext {
  /** The text as it was written: PostgreSQL folds names to lower case, properties are kept as they are. */
  readonly text: Buffer;
  /** Names that may stand before a column. */
  readonly tables: readonly string[];
  /** A call that is none of our functions: an aggregate, a parameter. Null: it is not known. */
  call(name: string, fields: Readonly<Record<string, unknown>>, read: ReadNode): Expression | null;
  /** Outside of an aggregate there is no single event to read from. */
  readonly hasEvent: boolean;
}
type ReadNode = (node: unknown) => Expression;

/** Our tree of a node of PostgreSQL's. Errors: NotAllowed, naming what is not. */
export function readExpression(node: unknown, context: ReadingContext, depth = 0): Expression {
  if (depth > TREE_DEPTH_MAX) throw new NotAllowed(`it is nested deeper than ${TREE_DEPTH_MAX}`);
  const read: ReadNode = (child) => readExpression(child, context, depth + 1);
  const { kind, fields } = open(node);
  switch (kind) {
    case 'A_Const':
      return readConstant(fields);
    case 'ColumnRef':
      return readName(fields, context);
    case 'A_Expr':
      return readOperator(fields, context, read);
    case 'BoolExpr': {
      only(fields, ['boolop', 'args'], 'a condition');
      const of = listOf(fields['args']).map(read);
      if (fields['boolop'] === 'AND_EXPR') return { kind: 'and', of };
      if (fields['boolop'] === 'OR_EXPR') return { kind: 'or', of };
      return { kind: 'not', of: of[0] ?? { kind: 'null' } };
    }
    case 'NullTest': {
      only(fields, ['arg', 'nulltesttype'], 'IS NULL');
      const isNull: Expression = { kind: 'is_null', of: read(fields['arg']) };
      return fields['nulltesttype'] === 'IS_NULL' ? isNull : { kind: 'not', of: isNull };
    }
    case 'BooleanTest':
      return readTruthTest(fields, read);
    case 'CaseExpr':
      return readCase(fields, read);
    case 'CoalesceExpr':
      only(fields, ['args'], 'COALESCE');
      return callOf('coalesce', listOf(fields['args']).map(read));
    case 'MinMaxExpr': {
      only(fields, ['op', 'args'], 'GREATEST or LEAST');
      const name = fields['op'] === 'IS_LEAST' ? 'least' : 'greatest';
      return callOf(name, listOf(fields['args']).map(read));
    }
    case 'TypeCast':
      only(fields, ['arg', 'typeName'], 'a cast');
      return castTo(fields['typeName'] as Readonly<Record<string, unknown>>, read(fields['arg']));
    case 'FuncCall': {
      const name = nameOf(fields['funcname']);
      const known = context.call(name, fields, read);
      if (known) return known;
      only(fields, ['funcname', 'args', 'funcformat'], `the function ${name}`);
      return callOf(name, listOf(fields['args']).map(read));
    }
    default:
      throw refuseNode(kind);
  }
}

function callOf(called: string, of: readonly Expression[]): Expression {
  const name = called === 'ceiling' ? 'ceil' : called === 'btrim' ? 'trim' : called;
  if (!Object.hasOwn(FUNCTIONS, name)) {
    throw new NotAllowed(`the function ${called} is not allowed`);
  }
  const [min, max] = FUNCTIONS[name as FunctionName];
  if (of.length < min || of.length > max) {
    const count = min === max ? String(min) : `${min} to ${max}`;
    throw new NotAllowed(`the function ${name} takes ${count} arguments`);
  }
  return { kind: 'call', name: name as FunctionName, of };
}

const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_$]*/u;

function readName(
  fields: Readonly<Record<string, unknown>>,
  { text, tables, hasEvent }: ReadingContext,
): Expression {
  only(fields, ['fields'], 'a name');
  const parts = listOf(fields['fields']).map((part) => {
    const { kind, fields: name } = open(part);
    if (kind !== 'String') throw new NotAllowed('* is allowed in COUNT(*) only');
    return String(name['sval'] ?? '');
  });
  const folded = parts.at(-1) ?? '';
  if (parts.length > 2 || (parts.length === 2 && !tables.includes(parts[0] ?? ''))) {
    throw new NotAllowed(`the name ${parts.join('.')} is not one of events`);
  }
  if (!hasEvent) throw new NotAllowed(`${folded} stands outside of an aggregate such as SUM(…)`);
  if ((EVENT_COLUMNS as readonly string[]).includes(folded)) {
    return { kind: 'column', name: folded as EventColumn };
  }
  if (folded === 'properties') throw new NotAllowed("properties is allowed as properties->>'name'");
  return { kind: 'property', name: asWritten(text, Number(fields['location'] ?? 0), parts) };
}

/** Unquoted names are folded by PostgreSQL; what stands in the text is the property's name. */
function asWritten(text: Buffer, start: number, parts: readonly string[]): string {
  const folded = parts.at(-1) ?? '';
  const rest = text.subarray(start).toString();
  const last = parts.length === 1 ? rest : rest.replace(/^[^.]*\.\s*/u, '');
  const written = IDENTIFIER.exec(last)?.[0];
  return written?.toLowerCase() === folded ? written : folded;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  ...{ '=': '=', '<>': '<>', '!=': '<>', '<': '<', '<=': '<=', '>': '>', '>=': '>=' },
};

function readOperator(
  fields: Readonly<Record<string, unknown>>,
  context: ReadingContext,
  read: ReadNode,
): Expression {
  const { kind, lexpr, rexpr } = fields;
  only(
    fields,
    ['kind', 'name', 'lexpr', 'rexpr', 'rexpr_list_start', 'rexpr_list_end'],
    'an operator',
  );
  const sign = nameOf(fields['name']);
  switch (kind) {
    case 'AEXPR_OP':
      return readSign(sign, lexpr, rexpr, context, read);
    case 'AEXPR_IN': {
      const { kind: of, fields: list } = open(rexpr);
      if (of !== 'List') throw refuseNode(of);
      const found = { kind: 'in', of: read(lexpr), list: listOf(list['items']).map(read) } as const;
      return sign === '<>' ? { kind: 'not', of: found } : found;
    }
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN': {
      const [low, high] = listOf(open(rexpr).fields['items']);
      const left = read(lexpr);
      const within: Expression = {
        kind: 'and',
        of: [
          { kind: 'compare', sign: '>=', left, right: read(low) },
          { kind: 'compare', sign: '<=', left, right: read(high) },
        ],
      };
      return kind === 'AEXPR_BETWEEN' ? within : { kind: 'not', of: within };
    }
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
      return readLike(sign, read(lexpr), read(rexpr));
    case 'AEXPR_NULLIF':
      return callOf('nullif', [read(lexpr), read(rexpr)]);
    case 'AEXPR_DISTINCT':
      return { kind: 'not', of: { kind: 'same', left: read(lexpr), right: read(rexpr) } };
    case 'AEXPR_NOT_DISTINCT':
      return { kind: 'same', left: read(lexpr), right: read(rexpr) };
    default:
      throw new NotAllowed(`the operator ${sign} in this form is not allowed`);
  }
}

function readSign(
  sign: string,
  lexpr: unknown,
  rexpr: unknown,
  context: ReadingContext,
  read: ReadNode,
): Expression {
  if (sign === '->>') return readProperty(lexpr, rexpr, context);
  if (lexpr === undefined) {
    if (sign === '+') return read(rexpr);
    if (sign !== '-') throw new NotAllowed(`the operator ${sign} is not allowed`);
    const zero: Expression = { kind: 'number', digits: '0' };
    return { kind: 'arithmetic', sign: '-', left: zero, right: read(rexpr) };
  }
  if (sign === '+' || sign === '-' || sign === '*' || sign === '/' || sign === '%') {
    return { kind: 'arithmetic', sign, left: read(lexpr), right: read(rexpr) };
  }
  const comparison = COMPARISONS[sign];
  if (comparison) {
    return { kind: 'compare', sign: comparison, left: read(lexpr), right: read(rexpr) };
  }
  if (sign === '||') return callOf('concat', [read(lexpr), read(rexpr)]);
  const what = /^!?~\*?$/.test(sign) ? 'regular expressions' : 'this operator';
  throw new NotAllowed(`the operator ${sign} is not allowed (${what})`);
}

function readProperty(lexpr: unknown, rexpr: unknown, { hasEvent }: ReadingContext): Expression {
  const { kind, fields } = open(lexpr);
  const isProperties =
    kind === 'ColumnRef' && /^(\w+\.)?properties$/.test(nameOf(fields['fields']));
  const name = open(rexpr).kind === 'A_Const' ? readConstant(open(rexpr).fields) : null;
  if (!isProperties || name?.kind !== 'text') {
    throw new NotAllowed("the operator ->> is allowed in properties->>'name' only");
  }
  if (!hasEvent) throw new NotAllowed(`${name.text} stands outside of an aggregate such as SUM(…)`);
  return { kind: 'property', name: name.text };
}

function readLike(sign: string, of: Expression, pattern: Expression): Expression {
  if (pattern.kind !== 'text' || pattern.text.length > PATTERN_LENGTH_MAX) {
    throw new NotAllowed(`LIKE takes a text of at most ${PATTERN_LENGTH_MAX} characters`);
  }
  if (pattern.text.includes('\\')) throw new NotAllowed('a backslash in LIKE is not allowed');
  const like = {
    kind: 'like',
    of,
    pattern: pattern.text,
    ignoresCase: sign.includes('*'),
  } as const;
  return sign.startsWith('!') ? { kind: 'not', of: like } : like;
}

function readTruthTest(fields: Readonly<Record<string, unknown>>, read: ReadNode): Expression {
  only(fields, ['arg', 'booltesttype'], 'IS TRUE');
  const of = read(fields['arg']);
  const test = String(fields['booltesttype']);
  if (test.endsWith('UNKNOWN')) {
    const isNull: Expression = { kind: 'is_null', of };
    return test === 'IS_UNKNOWN' ? isNull : { kind: 'not', of: isNull };
  }
  const is: Expression = { kind: 'is_truth', of, truth: test.endsWith('TRUE') };
  return test.startsWith('IS_NOT') ? { kind: 'not', of: is } : is;
}

function readCase(fields: Readonly<Record<string, unknown>>, read: ReadNode): Expression {
  only(fields, ['arg', 'args', 'defresult'], 'CASE');
  const subject = fields['arg'] === undefined ? null : read(fields['arg']);
  const branches = listOf(fields['args']).map((branch) => {
    const { fields: parts } = open(branch);
    only(parts, ['expr', 'result'], 'CASE');
    const when = read(parts['expr']);
    return {
      when: subject ? ({ kind: 'compare', sign: '=', left: subject, right: when } as const) : when,
      then: read(parts['result']),
    };
  });
  const otherwise = fields['defresult'];
  return {
    kind: 'case',
    branches,
    otherwise: otherwise === undefined ? { kind: 'null' } : read(otherwise),
  };
}

const CASTS: Readonly<Record<string, CastType>> = {
  ...{ numeric: 'number', decimal: 'number', float8: 'number', float4: 'number' },
  ...{ int2: 'whole', int4: 'whole', int8: 'whole', integer: 'whole', bigint: 'whole' },
  ...{ text: 'text', varchar: 'text', bool: 'truth', boolean: 'truth', double: 'number' },
};

function castTo(type: Readonly<Record<string, unknown>>, of: Expression): Expression {
  const name = nameOf(type['names']);
  only(type, ['names', 'typemod'], `a cast to ${name}`);
  const to = Object.hasOwn(CASTS, name) ? CASTS[name] : undefined;
  if (!to) throw new NotAllowed(`a cast to ${name} is not allowed`);
  return { kind: 'cast', of, to };
}
