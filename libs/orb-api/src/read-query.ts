import type { OrbOperation } from './operations.js';
import type { Schema } from './document.js';

export type QueryValue = string | number | boolean | readonly string[];

export interface ReadQuery {
  /** By the document's names: `limit`, `created_at[gte]`, `status[]`. */
  readonly values: Readonly<Record<string, QueryValue>>;
  /** One sentence a parameter. */
  readonly faults: readonly string[];
}

const INTEGER = /^-?\d{1,15}$/;

/**
 * Reads the raw query string of an operation. An empty value is an absent one, a list may be written as
 * `status[]=a&status[]=b` or `status=a`, and what the operation does not know is left alone.
 */
export function readQuery(operation: OrbOperation, query: string): ReadQuery {
  const given = new URLSearchParams(query);
  const values: Record<string, QueryValue> = {};
  const faults: string[] = [];
  for (const { name, required, schema } of operation.queryParameters) {
    const isList = name.endsWith('[]') || typesOf(schema).has('array');
    const plain = name.replace(/\[\]$/, '');
    // The plain spelling of a list that the operation also knows as a single value is that value's.
    const isSingle = operation.queryParameters.some((other) => other.name === plain);
    const spellings = isList ? [`${plain}[]`, ...(isSingle ? [] : [plain])] : [name];
    const texts = spellings.flatMap((key) => given.getAll(key)).filter((text) => text !== '');
    const [text] = texts;
    if (text === undefined) {
      const standard = schema['default'];
      if (required === true) faults.push(`${name} is required`);
      else if (standard !== undefined) values[name] = standard as QueryValue;
      continue;
    }
    if (isList) values[name] = texts;
    else {
      const value = valueOf(text, schema);
      if (value === null) faults.push(`${name} must be ${wordsOf(schema)}`);
      else values[name] = value;
    }
  }
  return { values, faults };
}

/** Null: the text is no value of this type. Formats, bounds and lists of values are the validator's. */
function valueOf(text: string, schema: Schema): QueryValue | null {
  const types = typesOf(schema);
  if (types.has('integer') || types.has('number')) return INTEGER.test(text) ? Number(text) : null;
  if (types.has('boolean')) return text === 'true' ? true : text === 'false' ? false : null;
  return text;
}

function wordsOf(schema: Schema): string {
  return typesOf(schema).has('boolean') ? 'true or false' : 'a whole number';
}

/** All types that a schema or its alternatives allow. */
function typesOf(schema: Schema): ReadonlySet<string> {
  const branches = (schema['oneOf'] ?? schema['anyOf'] ?? [schema]) as readonly Schema[];
  return new Set(branches.map((branch) => String(branch['type'])));
}
