import type {
  Aggregate,
  AggregateKind,
  Expression,
  MetricTree,
  ParameterDefinition,
} from './expression.js';
import { readConstant } from './read-constant.js';
import { readExpression, type ReadingContext } from './read-expression.js';
import { checkSqlText, NotAllowed } from './sql-text.js';
import { listOf, only, open, type ParseSql } from './sql-tree.js';

const AGGREGATES_MAX = 20;
const PARAMETERS_MAX = 20;
const SIMPLE: Readonly<Record<string, AggregateKind>> = {
  ...{ count: 'count', sum: 'sum', avg: 'avg', min: 'min', max: 'max' },
  ...{ latest: 'latest', weighted_sum: 'weighted_sum' },
};
const CLAUSES: Readonly<Record<string, string>> = {
  ...{ distinctClause: 'SELECT DISTINCT', groupClause: 'GROUP BY', havingClause: 'HAVING' },
  ...{ windowClause: 'WINDOW', sortClause: 'ORDER BY', limitCount: 'LIMIT', withClause: 'WITH' },
  ...{ limitOffset: 'OFFSET', lockingClause: 'FOR UPDATE', intoClause: 'SELECT INTO' },
  ...{ valuesLists: 'VALUES', larg: 'UNION' },
};

/** Reads `SELECT <aggregate> FROM events [WHERE …]`. Errors: NotAllowed, naming what of it is not taken. */
export async function readMetric(text: string, parse: ParseSql): Promise<MetricTree> {
  checkSqlText(text);
  const [statement, ...others] = await parse(text);
  if (others.length > 0) throw new NotAllowed('more than one statement is not allowed');
  if (!statement) throw new NotAllowed('there is no statement');
  const { kind, fields } = open(statement);
  if (kind !== 'SelectStmt')
    throw new NotAllowed(`${kind} is not allowed; write SELECT … FROM events`);
  const known = ['targetList', 'fromClause', 'whereClause', 'limitOption', 'op', 'all'];
  for (const [clause, name] of Object.entries(CLAUSES)) {
    if (fields[clause] !== undefined) throw new NotAllowed(`${name} is not allowed`);
  }
  only(fields, known, 'SELECT');
  const tables = readTable(listOf(fields['fromClause']));
  const [target, ...more] = listOf(fields['targetList']);
  if (!target || more.length > 0) throw new NotAllowed('exactly one value is selected');
  const reader = new MetricReader(Buffer.from(text), tables);
  const { fields: selected } = open(target);
  only(selected, ['val', 'name'], 'a selected value');
  const result = reader.readResult(selected['val']);
  const where = fields['whereClause'];
  const filter = where === undefined ? null : reader.readOfEvent(where);
  if (reader.aggregates.length === 0) {
    throw new NotAllowed('the selected value has no aggregate such as COUNT(*) or SUM(…)');
  }
  return { result, filter, aggregates: reader.aggregates, parameters: reader.parameters };
}

/** Reads a boolean expression over the properties of an event. */
export async function readFilter(text: string, parse: ParseSql): Promise<Expression> {
  checkSqlText(text);
  if (text.includes(';')) checkNoSemicolon(text);
  return readAlone(`SELECT COUNT(*) FROM events WHERE (${text}\n)`, parse, 'whereClause');
}

/** Reads a computed property such as `hour_floor_timestamp_millis(timestamp_millis)`. */
export async function readComputed(text: string, parse: ParseSql): Promise<Expression> {
  checkSqlText(text);
  if (text.includes(';')) checkNoSemicolon(text);
  return readAlone(`SELECT (${text}\n) FROM events`, parse, 'targetList');
}

function checkNoSemicolon(text: string): void {
  const outside = text.replace(/'[^']*'|"[^"]*"/g, '');
  if (outside.includes(';')) throw new NotAllowed('a semicolon is not allowed');
}

async function readAlone(sql: string, parse: ParseSql, part: string): Promise<Expression> {
  const [statement, ...others] = await parse(sql);
  const { kind, fields } = open(statement);
  if (others.length > 0 || kind !== 'SelectStmt') throw new NotAllowed('it is one expression');
  only(fields, ['targetList', 'fromClause', 'whereClause', 'limitOption', 'op'], 'it');
  const reader = new MetricReader(Buffer.from(sql), ['events']);
  if (part === 'whereClause') return reader.readOfEvent(fields['whereClause']);
  const [target, ...more] = listOf(fields['targetList']);
  if (more.length > 0) throw new NotAllowed('it is one expression');
  return reader.readOfEvent(open(target).fields['val']);
}

function readTable(from: readonly unknown[]): readonly string[] {
  const [table] = from;
  if (from.length !== 1 || !table) throw new NotAllowed('FROM events is the only table');
  const { kind, fields } = open(table);
  if (kind !== 'RangeVar') throw new NotAllowed(`FROM events is the only table, not ${kind}`);
  const name = [fields['catalogname'], fields['schemaname'], fields['relname']]
    .filter((part) => part !== undefined)
    .join('.');
  if (name !== 'events') throw new NotAllowed(`the table ${name} is not allowed, only events`);
  only(fields, ['relname', 'inh', 'relpersistence', 'alias'], 'FROM events');
  if (fields['inh'] !== true) throw new NotAllowed('ONLY is not allowed');
  const alias = fields['alias'] as Readonly<Record<string, unknown>> | undefined;
  if (!alias) return ['events'];
  only(alias, ['aliasname'], 'an alias of events');
  return [String(alias['aliasname'])];
}

class MetricReader {
  readonly aggregates: Aggregate[] = [];
  readonly parameters: ParameterDefinition[] = [];

  constructor(
    private readonly text: Buffer,
    private readonly tables: readonly string[],
  ) {}

  /** Within an event: no aggregates. */
  readOfEvent(node: unknown): Expression {
    const { text, tables } = this;
    const call: ReadingContext['call'] = (name, fields) => {
      if (name === 'parameter') return this.parameter(fields);
      if (Object.hasOwn(SIMPLE, name) || name.startsWith('percentile')) {
        throw new NotAllowed(`the aggregate ${name} is not allowed here`);
      }
      return null;
    };
    return readExpression(node, { text, tables, hasEvent: true, call });
  }

  /** Over all events: aggregates, and arithmetic on them. */
  readResult(node: unknown): Expression {
    const { text, tables } = this;
    const call: ReadingContext['call'] = (name, fields) =>
      name === 'parameter' ? this.parameter(fields) : this.aggregate(name, fields);
    return readExpression(node, { text, tables, hasEvent: false, call });
  }

  private aggregate(name: string, fields: Readonly<Record<string, unknown>>): Expression | null {
    const isPercentile = name === 'percentile_cont' || name === 'percentile_disc';
    const kind = Object.hasOwn(SIMPLE, name) ? SIMPLE[name] : undefined;
    if (!kind && !isPercentile) return null;
    if (this.aggregates.length >= AGGREGATES_MAX) {
      throw new NotAllowed(`there are more than ${AGGREGATES_MAX} aggregates`);
    }
    const where = fields['agg_filter'];
    const filter = where === undefined ? null : this.readOfEvent(where);
    const aggregate = isPercentile
      ? this.percentile(name, fields)
      : this.simple(name, kind ?? 'count', fields);
    this.aggregates.push({ ...aggregate, filter });
    return { kind: 'aggregate', index: this.aggregates.length - 1 };
  }

  private simple(
    name: string,
    kind: AggregateKind,
    fields: Readonly<Record<string, unknown>>,
  ): Omit<Aggregate, 'filter'> {
    const known = ['funcname', 'args', 'funcformat', 'agg_filter', 'agg_star', 'agg_distinct'];
    only(fields, known, `the aggregate ${name}`);
    const [argument, ...more] = listOf(fields['args']);
    const isDistinct = fields['agg_distinct'] === true;
    if (fields['agg_star'] === true) {
      if (kind !== 'count') throw new NotAllowed(`${name}(*) is not allowed`);
      return { kind, of: null, fraction: null };
    }
    if (argument === undefined || more.length > 0) {
      throw new NotAllowed(`the aggregate ${name} takes one argument`);
    }
    if (isDistinct && kind !== 'count') throw new NotAllowed(`${name}(DISTINCT …) is not allowed`);
    const of = this.readOfEvent(argument);
    return { kind: isDistinct ? 'count_distinct' : kind, of, fraction: null };
  }

  /** `percentile_cont(0.95) WITHIN GROUP (ORDER BY x)`. */
  private percentile(
    name: 'percentile_cont' | 'percentile_disc' | string,
    fields: Readonly<Record<string, unknown>>,
  ): Omit<Aggregate, 'filter'> {
    const known = ['funcname', 'args', 'funcformat', 'agg_filter', 'agg_order', 'agg_within_group'];
    only(fields, known, `the aggregate ${name}`);
    const [argument, ...more] = listOf(fields['args']);
    const [order, ...orders] = listOf(fields['agg_order']);
    const literal = argument === undefined ? null : open(argument);
    const fraction = literal?.kind === 'A_Const' ? readConstant(literal.fields) : null;
    const isFraction = fraction?.kind === 'number' && /^(0(\.\d{1,6})?|1)$/.test(fraction.digits);
    if (!isFraction || more.length > 0 || !order || orders.length > 0) {
      throw new NotAllowed(
        `${name} is written ${name}(0.95) WITHIN GROUP (ORDER BY x), from 0 to 1`,
      );
    }
    const { fields: sort } = open(order);
    only(sort, ['node', 'sortby_dir', 'sortby_nulls'], 'ORDER BY');
    if (sort['sortby_dir'] === 'SORTBY_DESC' || sort['sortby_dir'] === 'SORTBY_USING') {
      throw new NotAllowed('ORDER BY … DESC is not allowed; use 1 minus the fraction');
    }
    const kind = name === 'percentile_disc' ? 'percentile_disc' : 'percentile_cont';
    return { kind, of: this.readOfEvent(sort['node']), fraction: fraction.digits };
  }

  /** `PARAMETER('name', preset)`: a price may give another value. */
  private parameter(fields: Readonly<Record<string, unknown>>): Expression {
    only(fields, ['funcname', 'args', 'funcformat'], 'PARAMETER');
    const [name, preset, ...more] = listOf(fields['args']).map((argument) => {
      const { kind, fields: literal } = open(argument);
      return kind === 'A_Const' ? readConstant(literal) : null;
    });
    const isNamed = name?.kind === 'text' && /^[A-Za-z_]\w{0,63}$/.test(name.text);
    if (!isNamed || !preset || more.length > 0 || preset.kind === 'null') {
      throw new NotAllowed("PARAMETER is written PARAMETER('name', 5), with a literal as preset");
    }
    const definition = definitionOf(name.text, preset);
    const known = this.parameters.find((parameter) => parameter.name === name.text);
    if (known && (known.type !== definition.type || known.default !== definition.default)) {
      throw new NotAllowed(`PARAMETER('${name.text}', …) has two different presets`);
    }
    if (!known) this.parameters.push(definition);
    if (this.parameters.length > PARAMETERS_MAX) {
      throw new NotAllowed(`there are more than ${PARAMETERS_MAX} parameters`);
    }
    return { kind: 'parameter', name: name.text, preset };
  }
}

function definitionOf(name: string, preset: Expression): ParameterDefinition {
  if (preset.kind === 'number') return { name, type: 'number', default: Number(preset.digits) };
  if (preset.kind === 'truth') return { name, type: 'boolean', default: preset.truth };
  return { name, type: 'string', default: preset.kind === 'text' ? preset.text : '' };
}

/** Whether a grouping key is a computed property and not the name of a property. */
export const isComputed = (key: string): boolean => /^\s*\w+\s*\(/.test(key);
