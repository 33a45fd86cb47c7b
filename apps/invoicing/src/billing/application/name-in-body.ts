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
