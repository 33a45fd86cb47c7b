import { FORMATS, OrbitError, type Shape } from '@orbit/contracts';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { firstFault } from './shape-faults.js';

/** Reads a value that came from outside. Errors: OrbitError with the field's code, its path and what it takes. */
export type ReadShape<T> = (value: unknown) => T;

interface ReadOptions {
  /** Name of the value as a whole: `body`, `query`, `request`. */
  readonly root: string;
  /** Fields that the shape does not name are faults; else they are passed over. */
  readonly isClosed: boolean;
  /** Numbers come as text. */
  readonly isQuery?: boolean;
}

type Plain = Record<string, unknown>;

/** Our notes beside the keywords of JSON Schema. */
const NOTES = ['says', 'code', 'param', 'example', 'nullIsAbsent', 'shownPattern'];
const QUERY_INTEGER = /^-?\d{1,9}$/;

let shared: Ajv2020 | undefined;
const ajv = (): Ajv2020 =>
  (shared ??= new Ajv2020({
    strict: true,
    allErrors: true,
    formats: { ...FORMATS },
    keywords: NOTES,
  }));

/** Compiled when it is first used. What is read is the value itself, or a copy with what the shape fills in. */
export function shapeReader<T>(shape: Shape<T>, options: ReadOptions): ReadShape<T> {
  const { root, isClosed, isQuery = false } = options;
  const fields = Object.entries(shape.properties ?? {});
  const required = new Set(shape.required);
  const nullable = fields.filter(([, field]) => field.nullIsAbsent).map(([name]) => name);
  const filled = fields.filter(([name, { default: to }]) => required.has(name) && to !== undefined);
  const integers = isQuery ? fields.filter(([, { type }]) => type === 'integer') : [];
  let validate: ValidateFunction | undefined;
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new OrbitError('invalid_field', `The ${root} is a JSON object.`, { param: root });
    }
    const read = { ...(value as Plain) };
    for (const name of nullable) if (read[name] === null) delete read[name];
    for (const [name, field] of filled) read[name] ??= field.default;
    for (const [name] of integers) {
      const written = read[name];
      if (typeof written === 'string' && QUERY_INTEGER.test(written)) read[name] = Number(written);
    }
    validate ??= ajv().compile(isClosed ? closed(shape) : shape);
    if (validate(read)) return read as T;
    throw firstFault(validate.errors ?? [], shape);
  };
}

/** The same shape, in which objects have no fields but their own. */
function closed<T>(shape: Shape<T>): Shape<T> {
  const { properties, items, anyOf } = shape;
  return {
    ...shape,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, field]) => [name, closed(field)]),
      ),
      additionalProperties: false,
    }),
    ...(items && { items: closed(items) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
  } as Shape<T>;
}
