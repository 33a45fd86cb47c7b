import type { OrbCall } from '@orbit/contracts';
import { readInstant } from '../../timeline/domain/read-instant.js';
import { ok, wrong, type Outcome } from './refusals.js';

type Fields = Readonly<Record<string, unknown>>;

/** The one that a request names by id or by external id: exactly one of the two. */
export function nameIn<K extends string>(
  body: Fields,
  idField: string,
  externalField: string,
  externalName: K,
): Outcome<{ readonly id: string } | Readonly<Record<K, string>>> {
  const id = (body[idField] ?? null) as string | null;
  const external = (body[externalField] ?? null) as string | null;
  if ((id === null) === (external === null)) {
    return wrong(`${idField}: give either it or ${externalField}, and one of them alone`);
  }
  if (id !== null) return ok({ id });
  return ok({ [externalName]: external } as Readonly<Record<K, string>>);
}

/** An instant of a request; a day is its midnight at the customer. */
export function instantIn(
  body: OrbCall['body'],
  field: string,
  timezone: string,
  otherwise: number | null,
): Outcome<number | null> {
  const text = body[field] ?? null;
  if (text === null) return ok(otherwise);
  const ms = readInstant(String(text), timezone);
  return ms === null ? wrong(`${field}: must be an instant of the years 1 to 9999`) : ok(ms);
}

/** A filter that takes one value or several; null: not given. */
export function many(query: OrbCall['query'], name: string): readonly string[] | null {
  const values = [query[name], query[`${name}[]`]].flatMap((value) =>
    value === undefined ? [] : Array.isArray(value) ? (value as string[]) : [String(value)],
  );
  return values.length === 0 ? null : values;
}
