import { OrbitError } from '@orbit/contracts';

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(payload: unknown): Fields {
  return typeof payload === 'object' && payload !== null ? (payload as Fields) : {};
}

/** A field of another type reads as empty; the use case names it when it checks. */
export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

/** As textOf; absent stays absent. */
export function optionalTextOf(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : textOf(fields, name);
}

export function numberOf(fields: Fields, name: string, param: string): number {
  const value = fields[name];
  if (typeof value === 'number') return value;
  throw new OrbitError('invalid_field', `${param} is a whole number.`, { param });
}
