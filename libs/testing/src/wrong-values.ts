/** A body with one value exchanged, and where: `prices[0].price.name`. */
export interface WrongBody {
  readonly path: string;
  readonly value: unknown;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What strangers send in any place. */
export const WRONG_VALUES: readonly unknown[] = [
  null,
  '',
  ' ',
  'x',
  '-1',
  '1e400',
  '9'.repeat(60),
  `0.${'1'.repeat(30)}`,
  "'; DROP TABLE invoicing.item; --",
  '😀'.repeat(300),
  0,
  -1,
  0.1,
  1e-30,
  9_007_199_254_740_991,
  1e300,
  true,
  [],
  [null],
  {},
  { a: 1 },
];

/** `valid` with every value in turn replaced by each wrong one or left out, or with an unknown field. */
export function* wrongBodies(
  valid: Readonly<Record<string, unknown>>,
  values: readonly unknown[] = WRONG_VALUES,
): Generator<WrongBody> {
  for (const keys of placesIn(valid)) {
    const path = pathOf(keys);
    for (const value of values) yield { path, value, body: withValue(valid, keys, value) };
    yield { path, value: undefined, body: withValue(valid, keys, undefined) };
  }
  yield { path: 'nonsense', value: 1, body: { ...valid, nonsense: 1 } };
}

type Keys = readonly (string | number)[];

/** Every place in a value, deepest last. */
function placesIn(value: unknown, keys: Keys = []): readonly Keys[] {
  const own = keys.length === 0 ? [] : [keys];
  if (typeof value !== 'object' || value === null) return own;
  const names = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    ...own,
    ...names.flatMap((name) =>
      placesIn((value as Record<string | number, unknown>)[name], [...keys, name]),
    ),
  ];
}

function withValue(
  valid: Readonly<Record<string, unknown>>,
  keys: Keys,
  value: unknown,
): Record<string, unknown> {
  const body = structuredClone(valid) as Record<string | number, unknown>;
  let at = body;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = keys.at(-1) ?? '';
  if (value !== undefined) at[last] = structuredClone(value);
  else if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete at[last];
  return body;
}

const pathOf = (keys: Keys): string =>
  keys.reduce<string>((path, key) => {
    if (typeof key === 'number') return `${path}[${String(key)}]`;
    return path === '' ? key : `${path}.${key}`;
  }, '');
