import { Decimal } from '@orbit/pricing';
import { callFunction } from './call-function.js';
import type { Comparison, EventColumn, Expression } from './expression.js';
import {
  bounded,
  compareValues,
  Instant,
  isLike,
  numberOfText,
  QUOTIENT_PLACES,
  toNumber,
  toText,
  toTruth,
  valueOfProperty,
  type Value,
} from './values.js';

/** The part of an event that an expression can read. */
export interface CountedEvent {
  readonly idempotencyKey: string;
  readonly customerId: string | null;
  readonly externalCustomerId: string | null;
  readonly eventName: string;
  readonly timestampMs: number;
  readonly properties: Readonly<Record<string, string | number | boolean>>;
  /** 32 hexadecimal digits. */
  readonly fingerprint: string;
}

/** Of one event; `results` are those of the aggregates, for an expression over them. */
export type Compiled = (event: CountedEvent, results: readonly Value[]) => Value;

/** Values of parameters by name; one that is missing has its preset. */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** The one place where arithmetic on events happens: exact, except `/`, which has 18 decimals, HALF_EVEN. */
export function compile(expression: Expression): Compiled {
  switch (expression.kind) {
    case 'number': {
      const number = numberOfText(expression.digits);
      return () => number;
    }
    case 'text': {
      const { text } = expression;
      return () => text;
    }
    case 'truth': {
      const { truth } = expression;
      return () => truth;
    }
    case 'null':
      return () => null;
    case 'parameter':
      return compile(expression.preset);
    case 'property': {
      const { name } = expression;
      return ({ properties }) =>
        Object.hasOwn(properties, name) ? valueOfProperty(properties[name]) : null;
    }
    case 'column':
      return COLUMNS[expression.name];
    case 'aggregate': {
      const { index } = expression;
      return (_, results) => results[index] ?? null;
    }
    case 'arithmetic': {
      const operate = ARITHMETIC[expression.sign];
      return both(expression.left, expression.right, (left, right) => {
        const [a, b] = [toNumber(left), toNumber(right)];
        return a && b ? operate(a, b) : null;
      });
    }
    case 'case': {
      const branches = expression.branches.map(({ when, then }) => ({
        when: compile(when),
        then: compile(then),
      }));
      const otherwise = compile(expression.otherwise);
      return (event, results) => {
        const branch = branches.find(({ when }) => toTruth(when(event, results)) === true);
        return (branch?.then ?? otherwise)(event, results);
      };
    }
    case 'cast': {
      const [of, { to }] = [compile(expression.of), expression];
      return (event, results) => cast(of(event, results), to);
    }
    case 'call': {
      const [name, of] = [expression.name, expression.of.map(compile)];
      return (event, results) =>
        callFunction(
          name,
          of.map((argument) => argument(event, results)),
        );
    }
    default:
      return compileCondition(expression);
  }
}

type Condition = Extract<
  Expression,
  {
    kind: 'compare' | 'same' | 'and' | 'or' | 'not' | 'is_null' | 'is_truth' | 'in' | 'like';
  }
>;

/** Conditions know true, false and null, as in SQL. */
function compileCondition(expression: Condition): Compiled {
  switch (expression.kind) {
    case 'compare': {
      const holds = COMPARISONS[expression.sign];
      return both(expression.left, expression.right, (left, right) => {
        const order = compareValues(left, right);
        return order === null ? null : holds(order);
      });
    }
    case 'same':
      return both(expression.left, expression.right, (left, right) =>
        left === null || right === null ? left === right : compareValues(left, right) === 0,
      );
    case 'and':
    case 'or': {
      const of = expression.of.map(compile);
      const decisive = expression.kind === 'or';
      return (event, results) => {
        let isKnown = true;
        for (const condition of of) {
          const truth = toTruth(condition(event, results));
          if (truth === decisive) return decisive;
          if (truth === null) isKnown = false;
        }
        return isKnown ? !decisive : null;
      };
    }
    case 'not':
      return one(expression.of, (value) => {
        const truth = toTruth(value);
        return truth === null ? null : !truth;
      });
    case 'is_null':
      return one(expression.of, (value) => value === null);
    case 'is_truth': {
      const { truth } = expression;
      return one(expression.of, (value) => toTruth(value) === truth);
    }
    case 'in': {
      const [of, list] = [compile(expression.of), expression.list.map(compile)];
      return (event, results) => {
        const value = of(event, results);
        const orders = list.map((each) => compareValues(value, each(event, results)));
        if (orders.includes(0)) return true;
        return value === null || orders.includes(null) ? null : false;
      };
    }
    case 'like': {
      const { ignoresCase } = expression;
      const fold = (text: string): string => (ignoresCase ? text.toLowerCase() : text);
      const pattern = fold(expression.pattern);
      return one(expression.of, (value) => {
        const text = toText(value);
        return text === null ? null : isLike(fold(text), pattern);
      });
    }
  }
}

function one(of: Expression, then: (value: Value) => Value): Compiled {
  const compiled = compile(of);
  return (event, results) => then(compiled(event, results));
}

function both(
  left: Expression,
  right: Expression,
  then: (left: Value, right: Value) => Value,
): Compiled {
  const [a, b] = [compile(left), compile(right)];
  return (event, results) => then(a(event, results), b(event, results));
}

const COLUMNS: Readonly<Record<EventColumn, Compiled>> = {
  event_name: ({ eventName }) => eventName,
  timestamp: ({ timestampMs }) => new Instant(timestampMs),
  timestamp_millis: ({ timestampMs }) => Decimal.of(timestampMs),
  customer_id: ({ customerId }) => customerId,
  external_customer_id: ({ externalCustomerId }) => externalCustomerId,
  idempotency_key: ({ idempotencyKey }) => idempotencyKey,
};

type Operate = (a: Decimal, b: Decimal) => Decimal | null;
const ARITHMETIC: Readonly<Record<'+' | '-' | '*' | '/' | '%', Operate>> = {
  '+': (a, b) => bounded(a.plus(b)),
  '-': (a, b) => bounded(a.minus(b)),
  '*': (a, b) => bounded(a.times(b)),
  '/': (a, b) => (b.isZero ? null : bounded(a.dividedBy(b, QUOTIENT_PLACES))),
  '%': (a, b) => callFunction('mod', [a, b]) as Decimal | null,
};

const COMPARISONS: Readonly<Record<Comparison, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function cast(value: Value, to: 'number' | 'whole' | 'text' | 'truth'): Value {
  if (to === 'text') return toText(value);
  if (to === 'truth') return toTruth(value);
  if (typeof value === 'boolean') return Decimal.of(value ? 1 : 0);
  const number = toNumber(value);
  return to === 'whole' ? (number?.round(0, 'HALF_UP') ?? null) : number;
}
