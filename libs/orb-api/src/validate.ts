import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { DOCUMENT, type Schema } from './document.js';
import type { OrbOperation } from './operations.js';
import { faultsFrom } from './validation-faults.js';

const BASE = 'https://orbit.invalid/orb';

/** With a day instead of an instant the start of that day in the customer's time zone is meant. */
const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const TIME =
  /^([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d{1,9})?)?(Z|z|[+-]([01]\d|2[0-3]):?[0-5]\d)?$/;

const isDate = (text: string): boolean => {
  if (!DATE.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};

function isDateTime(text: string): boolean {
  const [day = '', time, ...rest] = text.split(/[Tt ]/);
  return rest.length === 0 && isDate(day) && (time === undefined || TIME.test(time));
}

/** One for all operations: they share 524 schemas. A validator is compiled when it is first asked for. */
class Validators {
  private readonly ajv: Ajv2020;
  private readonly compiled = new Map<Schema, ValidateFunction>();

  constructor() {
    this.ajv = new Ajv2020({
      strict: false,
      allErrors: true,
      discriminator: true,
      // Compiling is what costs here, and comes with the first request: these two take off two fifths of it.
      inlineRefs: false,
      code: { optimize: false },
      formats: { date: isDate, 'date-time': isDateTime, email: /^[^\s@]+@[^\s@]+$/ },
    });
    this.ajv.addSchema({ $id: BASE, components: prepared(DOCUMENT.components, '') });
  }

  check(schema: Schema, value: unknown): readonly ErrorObject[] {
    let validate = this.compiled.get(schema);
    if (!validate) {
      validate = this.ajv.compile(prepared(schema, BASE) as Schema);
      this.compiled.set(schema, validate);
    }
    return validate(value) ? [] : (validate.errors ?? []);
  }
}

/**
 * The same schema for our validator: references begin with `base`, and a union without a discriminator is an
 * `anyOf`, because a day is a valid instant here and would fit two branches of a `oneOf`.
 */
function prepared(schema: unknown, base: string): unknown {
  if (Array.isArray(schema)) return schema.map((entry) => prepared(entry, base));
  if (typeof schema !== 'object' || schema === null) return schema;
  const isPlainUnion =
    Array.isArray((schema as Schema)['oneOf']) && !Object.hasOwn(schema, 'discriminator');
  // A discriminator says nothing of a value that is no object.
  const isChosen = Object.hasOwn(schema, 'discriminator');
  return Object.fromEntries(
    Object.entries(isChosen ? { type: 'object', ...schema } : schema).map(([key, value]) => [
      isPlainUnion && key === 'oneOf' ? 'anyOf' : key,
      key === '$ref' && typeof value === 'string' ? `${base}${value}` : prepared(value, base),
    ]),
  );
}

let shared: Validators | null = null;
const validators = (): Validators => (shared ??= new Validators());

/** Faults of a request body; one sentence a field, each beginning with the field's path. */
export function bodyFaults(operation: OrbOperation, body: unknown): readonly string[] {
  if (operation.bodySchema === null) return [];
  if (body === undefined && operation.isBodyOptional) return [];
  return faultsFrom(validators().check(operation.bodySchema, body ?? {}), 'body');
}

/** Faults of values that were read from the query. */
export function queryFaults(
  operation: OrbOperation,
  values: Readonly<Record<string, unknown>>,
): readonly string[] {
  return operation.queryParameters.flatMap(({ name, schema }) =>
    Object.hasOwn(values, name) ? faultsFrom(validators().check(schema, values[name]), name) : [],
  );
}

/** Faults of an answer of ours: for tests and development. */
export function responseFaults(operation: OrbOperation, body: unknown): readonly string[] {
  const { responseSchema } = operation;
  if (responseSchema === null) return body === undefined ? [] : ['the answer has no body'];
  return faultsFrom(validators().check(responseSchema, body), 'answer');
}
