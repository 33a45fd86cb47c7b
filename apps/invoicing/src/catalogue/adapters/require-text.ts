import { OrbitError } from '@orbit/contracts';

/** A field of a request. Errors: `invalid_field`. */
export function requireText(value: unknown, param: string): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw new OrbitError('invalid_field', `${param} is a text`, { param });
}
