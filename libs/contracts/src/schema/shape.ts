import type { ErrorCode } from '../errors.js';

/** Facts of a field besides its type: for people, for the OpenAPI document, for error messages. */
export interface ShapeNotes {
  readonly description?: string;
  readonly example?: unknown;
  /** Of a required field: filled in when it is absent. Of an optional one: what its absence means. */
  readonly default?: unknown;
  /** Text of a fault, after the name of the field: `is one of a, b`. Made from the schema when absent. */
  readonly says?: string;
  /** Code of a fault; default `invalid_field`. */
  readonly code?: ErrorCode;
  /** Name of the field in a fault, where the public API calls it otherwise. */
  readonly param?: string;
  /** Null stands for absence, as some clients write it. */
  readonly nullIsAbsent?: boolean;
  /** A pattern for the OpenAPI document alone, simpler than the check. */
  readonly shownPattern?: string;
}

declare const TYPE: unique symbol;
declare const OPTIONAL: unique symbol;

/** A JSON Schema (draft 2020-12, as Ajv compiles it in strict mode) whose static type TypeScript knows. */
export interface Shape<T> extends ShapeNotes {
  readonly [TYPE]?: T;
  readonly title?: string;
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object' | 'null';
  readonly enum?: readonly string[];
  readonly format?: FormatName;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Shape<unknown>;
  readonly properties?: Readonly<Record<string, Shape<unknown>>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape<unknown>;
  readonly anyOf?: readonly Shape<unknown>[];
}
export interface OptionalShape<T> extends Shape<T> {
  readonly [OPTIONAL]: true;
}

/** Forms that a pattern cannot describe; `formats.ts` knows each. */
export type FormatName =
  | 'amount'
  | 'positive-amount'
  | 'signed-amount'
  | 'instant'
  | 'date-or-instant'
  | 'date-time'
  | 'event-instant'
  | 'rfc3339'
  | 'unit'
  | 'http-url';

export type Static<S> = S extends Shape<infer T> ? T : never;
export type Fields = Readonly<Record<string, Shape<unknown>>>;
type OptionalName<F extends Fields> = {
  [K in keyof F]: F[K] extends OptionalShape<unknown> ? K : never;
}[keyof F];
type Flat<T> = { readonly [K in keyof T]: T[K] };
export type ObjectOf<F extends Fields> = Flat<
  { readonly [K in Exclude<keyof F, OptionalName<F>>]: Static<F[K]> } & {
    readonly [K in OptionalName<F>]?: Static<F[K]>;
  }
>;

/** The names of optional fields of objects, kept beside them: JSON Schema only lists those that are required. */
const optionals = new WeakSet<object>();

interface TextLimits {
  readonly format?: FormatName;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}
interface Range {
  readonly minimum?: number;
  readonly maximum?: number;
}

export const text = (options: ShapeNotes & TextLimits = {}): Shape<string> => ({
  type: 'string',
  ...options,
});
export const integer = (options: ShapeNotes & Range = {}): Shape<number> => ({
  type: 'integer',
  ...options,
});
/** In answers alone: amounts in minor units, which the document has always called numbers. */
export const number = (options: ShapeNotes = {}): Shape<number> => ({ type: 'number', ...options });
export const flag = (options: ShapeNotes = {}): Shape<boolean> => ({ type: 'boolean', ...options });

export const oneOf = <const T extends string>(
  values: readonly T[],
  options: ShapeNotes = {},
): Shape<T> => ({ type: 'string', enum: values, ...options });

export const list = <T>(
  items: Shape<T>,
  options: ShapeNotes & { readonly minItems?: number; readonly maxItems?: number } = {},
): Shape<readonly T[]> => ({ type: 'array', items, ...options });

export const nullable = <T>(shape: Shape<T>, options: ShapeNotes = {}): Shape<T | null> => {
  const { description, example, default: initial, says, code, param, ...bare } = shape;
  const notes = { description, example, default: initial, says, code, param, ...options };
  return {
    anyOf: [bare as Shape<T>, { type: 'null' }],
    ...Object.fromEntries(Object.entries(notes).filter(([, value]) => value !== undefined)),
  };
};

/** A field that may be absent. */
export function optional<T>(shape: Shape<T>, notes: ShapeNotes = {}): OptionalShape<T> {
  const made = { ...shape, ...notes };
  optionals.add(made);
  return made as OptionalShape<T>;
}

/** A whole number or a decimal string, where a caller may write either. */
export const quantity = (options: ShapeNotes = {}): Shape<number | string> => ({
  anyOf: [{ type: 'number' }, { type: 'string' }],
  ...options,
});

/** Names are the caller's own; their values are not looked at unless `values` says what they are. */
export const record = <T = unknown>(
  values?: Shape<T>,
  options: ShapeNotes = {},
): Shape<Readonly<Record<string, T>>> => ({
  type: 'object',
  ...(values && { additionalProperties: values }),
  ...options,
});

/** `title` is the name in the OpenAPI document and in the client libraries. Compose objects by spreading fields. */
export function object<F extends Fields>(
  fields: F,
  options: ShapeNotes & { readonly title?: string } = {},
): Shape<ObjectOf<F>> & { readonly properties: F } {
  const required = Object.keys(fields).filter((name) => !optionals.has(fields[name] as object));
  return { type: 'object', properties: fields, required, ...options };
}

/** Null, or what cannot be said about an answer that is passed on as it came. */
export const nothing: Shape<null> = { type: 'null' };
