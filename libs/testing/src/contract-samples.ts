import { bodyFaults, resolveSchema, type OrbOperation, type Schema } from '@orbit/orb-api';

const DEPTH_MAX = 7;
type Body = Readonly<Record<string, unknown>>;

/**
 * A body that the contract takes, with every field that it knows; where a union leaves a choice, branch number `branch`
 * of it. Null: the operation takes no body, or none could be made.
 */
export function sampleBody(operation: OrbOperation, branch = 0): Body | null {
  if (operation.bodySchema === null) return null;
  for (const isFull of [true, false]) {
    const sample = sampleOf(operation.bodySchema, { branch, isFull }, 0);
    if (typeof sample !== 'object' || sample === null || Array.isArray(sample)) continue;
    const body = withoutFaults(operation, sample as Record<string, unknown>);
    if (body !== null) return body;
  }
  return null;
}

/** Leaves out whole fields that do not go with the others, until the contract takes the rest. */
function withoutFaults(operation: OrbOperation, sample: Record<string, unknown>): Body | null {
  const body = structuredClone(sample);
  for (let round = 0; round < 20; round++) {
    const [fault] = bodyFaults(operation, body);
    if (fault === undefined) return body;
    const [field = ''] = /^[^.[ ]+/.exec(fault) ?? [];
    if (!(field in body)) return null;
    delete body[field];
  }
  return null;
}

interface Choice {
  readonly branch: number;
  /** With the fields that are not required. */
  readonly isFull: boolean;
}

function sampleOf(given: Schema, choice: Choice, depth: number): unknown {
  const schema = resolveSchema(given);
  if ('const' in schema) return schema['const'];
  const values = schema['enum'] as readonly unknown[] | undefined;
  if (values) return values.find((value) => value !== null) ?? null;
  const union = (schema['oneOf'] ?? schema['anyOf']) as readonly Schema[] | undefined;
  if (union) {
    const branches = union.filter((one) => resolveSchema(one)['type'] !== 'null');
    const chosen = branches[choice.branch % Math.max(branches.length, 1)];
    return chosen === undefined ? null : sampleOf(chosen, choice, depth + 1);
  }
  const all = schema['allOf'] as readonly Schema[] | undefined;
  if (all) {
    return Object.assign(
      {},
      ...all.map((part) => sampleOf(part, choice, depth + 1) as object),
    ) as object;
  }
  const types = [schema['type']].flat();
  return sampleOfType(String(types.find((type) => type !== 'null')), schema, choice, depth);
}

function sampleOfType(type: string, schema: Schema, choice: Choice, depth: number): unknown {
  switch (type) {
    case 'object':
      return sampleObject(schema, choice, depth);
    case 'array': {
      const items = schema['items'] as Schema | undefined;
      const count = Math.max(1, Number(schema['minItems'] ?? 1));
      if (items === undefined || depth > DEPTH_MAX) return [];
      return Array.from({ length: count }, () => sampleOf(items, choice, depth + 1));
    }
    case 'integer':
    case 'number':
      return Number(schema['minimum'] ?? 1);
    case 'boolean':
      return true;
    default:
      return sampleText(schema);
  }
}

function sampleText(schema: Schema): string {
  switch (schema['format']) {
    case 'date-time':
      return '2026-05-16T00:00:00Z';
    case 'date':
      return '2026-05-16';
    case 'email':
      return 'a@example.com';
    case 'uri':
      return 'https://example.com';
    default:
      return 'USD';
  }
}

function sampleObject(schema: Schema, choice: Choice, depth: number): object {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  const sample: Record<string, unknown> = {};
  for (const [name, own] of Object.entries(properties)) {
    if (required.has(name) || (choice.isFull && depth < DEPTH_MAX)) {
      sample[name] = sampleOf(own, choice, depth + 1);
    }
  }
  return sample;
}
