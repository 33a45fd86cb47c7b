import { invalidRequest, type StripeError } from './stripe-error.js';
import type { FormObject, FormValue } from './form.js';
import type { Metadata } from './json.js';

/** Reads one parameter, or refuses it by its path (`line_items[0][price_data][currency]`). */
export type Rule<T> = (value: FormValue | undefined, path: string) => T;
export type Shape = { readonly [name: string]: Rule<unknown> };
export type ParamsOf<S extends Shape> = { readonly [K in keyof S]: ReturnType<S[K]> };

const missing = (path: string): StripeError =>
  invalidRequest(`Missing required param: ${path}.`, { code: 'parameter_missing', param: path });

/** Turns "may be absent" into "must be there". An empty string counts as absent, as with Stripe. */
export function required<T>(rule: Rule<T | undefined>): Rule<T> {
  return (value, path) => {
    if (value === '') throw emptyParam(path);
    const result = rule(value, path);
    if (result === undefined) throw missing(path);
    return result;
  };
}

function emptyParam(path: string): StripeError {
  return invalidRequest(
    `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a ` +
      `parameter; however '${path}' cannot be unset. Remove it or give it a value.`,
    { code: 'parameter_invalid_empty', param: path },
  );
}

/** Text up to `lengthMax` characters. */
export const text =
  (lengthMax = 5_000): Rule<string | undefined> =>
  (value, path) => {
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw invalidRequest(`Invalid string: ${path}`, { param: path });
    if (value.length > lengthMax) {
      throw invalidRequest(`Invalid string: must be at most ${lengthMax} characters`, {
        param: path,
      });
    }
    return value;
  };

/** Decimal digits with an optional sign, within the safe range of a JSON number. */
export const integer =
  (min = 0, max = Number.MAX_SAFE_INTEGER): Rule<number | undefined> =>
  (value, path) => {
    if (value === undefined) return undefined;
    const isInteger = typeof value === 'string' && /^-?\d{1,16}$/.test(value);
    const parsed = isInteger ? Number(value) : NaN;
    if (!Number.isSafeInteger(parsed)) {
      throw invalidRequest(`Invalid integer: ${String(value)}`, {
        code: 'parameter_invalid_integer',
        param: path,
      });
    }
    if (parsed < min || parsed > max) {
      throw invalidRequest(
        parsed < min
          ? `This value must be greater than or equal to ${min}.`
          : `This value must be less than or equal to ${max}.`,
        { code: 'parameter_invalid_integer', param: path },
      );
    }
    return parsed;
  };

export const flag = (): Rule<boolean | undefined> => (value, path) => {
  if (value === undefined) return undefined;
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw invalidRequest(`Invalid boolean: ${String(value)}`, { param: path });
};

export const oneOf =
  <const T extends string>(...allowed: readonly T[]): Rule<T | undefined> =>
  (value, path) => {
    if (value === undefined) return undefined;
    const found = allowed.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw invalidRequest(`Invalid ${path}: must be one of ${allowed.join(', ')}`, { param: path });
  };

/** An absolute http(s) URL. `{CHECKOUT_SESSION_ID}` may stand in it. */
export const url = (): Rule<string | undefined> => (value, path) => {
  const given = text(5_000)(value, path);
  if (given === undefined) return undefined;
  const probe = given.replaceAll('{CHECKOUT_SESSION_ID}', 'id');
  if (!URL.canParse(probe) || !/^https?:$/.test(new URL(probe).protocol)) {
    throw invalidRequest(`Not a valid URL`, { code: 'url_invalid', param: path });
  }
  return given;
};

/** Up to 50 pairs; keys up to 40 characters, values up to 500: Stripe's limits. '' clears. */
export const metadata = (): Rule<Metadata | undefined> => (value, path) => {
  if (value === undefined) return undefined;
  if (value === '') return {};
  if (typeof value === 'string') throw invalidRequest(`Invalid hash`, { param: path });
  const pairs = Object.entries(value);
  if (pairs.length > 50) {
    throw invalidRequest('Metadata can hold up to 50 keys.', { param: path });
  }
  return Object.fromEntries(
    pairs.map(([key, item]) => {
      const itemPath = `${path}[${key}]`;
      if (key.length > 40) {
        throw invalidRequest(`Metadata keys can be up to 40 characters long.`, { param: itemPath });
      }
      return [key, text(500)(item as FormValue, itemPath) ?? ''];
    }),
  );
};

export const list =
  <T>(rule: Rule<T>, countMax = 100): Rule<readonly T[] | undefined> =>
  (value, path) => {
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw invalidRequest(`Invalid array`, { param: path });
    if (value.length > countMax) {
      throw invalidRequest(`Invalid array: at most ${countMax} items`, { param: path });
    }
    return value.map((item: FormValue, index) => rule(item, `${path}[${index}]`));
  };

/** An object that knows its names: one that is not in `shape` is refused as `parameter_unknown`. */
export const object =
  <S extends Shape>(shape: S): Rule<ParamsOf<S> | undefined> =>
  (value, path) => {
    if (value === undefined) return undefined;
    if (typeof value === 'string' || Array.isArray(value)) {
      throw invalidRequest(`Invalid object`, { param: path });
    }
    return readShape(shape, value as FormObject, path);
  };

/** Accepted because Stripe accepts it, and without effect in the sandbox. */
export const ignored = (): Rule<undefined> => () => undefined;

function readShape<S extends Shape>(shape: S, given: FormObject, path: string): ParamsOf<S> {
  const pathOf = (name: string) => (path === '' ? name : `${path}[${name}]`);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(shape, name));
  const [first] = unknown;
  if (first !== undefined) {
    const names = unknown.map(pathOf).join(', ');
    throw invalidRequest(`Received unknown parameter${unknown.length > 1 ? 's' : ''}: ${names}`, {
      code: 'parameter_unknown',
      param: pathOf(first),
    });
  }
  const result: Record<string, unknown> = {};
  for (const [name, rule] of Object.entries(shape)) result[name] = rule(given[name], pathOf(name));
  return result as ParamsOf<S>;
}

/** Reads a whole request. */
export function readParams<S extends Shape>(shape: S, given: FormObject): ParamsOf<S> {
  return readShape(shape, given, '');
}

/** Parameters of every list: `limit` 1–100 (default 10), cursors, `created` bounds. */
export const listShape = {
  limit: integer(1, 100),
  starting_after: text(255),
  ending_before: text(255),
} as const;

const createdBounds = object({ gt: integer(), gte: integer(), lt: integer(), lte: integer() });

/** `created=1700000000` or `created[gte]=…`. */
export const created = (): Rule<CreatedBounds | undefined> => (value, path) => {
  if (typeof value !== 'string') return createdBounds(value, path);
  const at = integer()(value, path);
  return { gt: undefined, gte: at, lt: undefined, lte: at };
};

export interface CreatedBounds {
  readonly gt: number | undefined;
  readonly gte: number | undefined;
  readonly lt: number | undefined;
  readonly lte: number | undefined;
}
