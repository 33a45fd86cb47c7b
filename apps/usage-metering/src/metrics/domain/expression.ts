/** Columns of an event. Every other bare name is a property. */
export const EVENT_COLUMNS = [
  ...['event_name', 'timestamp', 'timestamp_millis', 'customer_id'],
  ...['external_customer_id', 'idempotency_key'],
] as const;
export type EventColumn = (typeof EVENT_COLUMNS)[number];

/** Name → how many arguments it may have. All are pure and take little time. */
export const FUNCTIONS = {
  abs: [1, 1],
  ceil: [1, 1],
  coalesce: [1, 50],
  concat: [1, 50],
  floor: [1, 1],
  greatest: [1, 50],
  hour_floor_timestamp_millis: [1, 1],
  day_floor_timestamp_millis: [1, 1],
  least: [1, 50],
  length: [1, 1],
  lower: [1, 1],
  mod: [2, 2],
  nullif: [2, 2],
  round: [1, 2],
  trim: [1, 1],
  upper: [1, 1],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;
export type FunctionName = keyof typeof FUNCTIONS;

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type CastType = 'number' | 'whole' | 'text' | 'truth';

/** Our own tree: what a metric may say, and nothing else. It is data, so that equal metrics can be compared. */
export type Expression =
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'truth'; readonly truth: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'property'; readonly name: string }
  | { readonly kind: 'column'; readonly name: EventColumn }
  | { readonly kind: 'parameter'; readonly name: string; readonly preset: Expression }
  /** Result of the metric's aggregate with this number. */
  | { readonly kind: 'aggregate'; readonly index: number }
  | {
      readonly kind: 'arithmetic';
      readonly sign: '+' | '-' | '*' | '/' | '%';
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'compare';
      readonly sign: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'same'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not' | 'is_null'; readonly of: Expression }
  | { readonly kind: 'is_truth'; readonly of: Expression; readonly truth: boolean }
  | { readonly kind: 'in'; readonly of: Expression; readonly list: readonly Expression[] }
  | {
      readonly kind: 'like';
      readonly of: Expression;
      readonly pattern: string;
      readonly ignoresCase: boolean;
    }
  | {
      readonly kind: 'case';
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
      readonly otherwise: Expression;
    }
  | { readonly kind: 'cast'; readonly of: Expression; readonly to: CastType }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly of: readonly Expression[] };

/** How events become one number. */
export const AGGREGATES = [
  ...['count', 'sum', 'avg', 'min', 'max', 'count_distinct'],
  ...['latest', 'percentile_cont', 'percentile_disc', 'weighted_sum'],
] as const;
export type AggregateKind = (typeof AGGREGATES)[number];

export interface Aggregate {
  readonly kind: AggregateKind;
  /** Null: COUNT(*). */
  readonly of: Expression | null;
  /** Of a percentile: 0 to 1. */
  readonly fraction: string | null;
  /** FILTER (WHERE …). */
  readonly filter: Expression | null;
}

export interface ParameterDefinition {
  readonly name: string;
  readonly type: 'string' | 'number' | 'boolean';
  readonly default: string | number | boolean;
}

/** A metric as it is read from its text. */
export interface MetricTree {
  /** Over the results of the aggregates. */
  readonly result: Expression;
  readonly aggregates: readonly Aggregate[];
  readonly filter: Expression | null;
  readonly parameters: readonly ParameterDefinition[];
}
