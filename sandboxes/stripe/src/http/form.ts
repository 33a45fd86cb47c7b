import { invalidRequest } from './stripe-error.js';

/** A decoded form: text, lists (`a[]=1`, `a[0]=1`) and nested objects (`a[b][c]=1`). */
export type FormValue = string | readonly FormValue[] | FormObject;
export type FormObject = { readonly [key: string]: FormValue };

/** Deep enough for every parameter of Stripe's; a bound so that a hostile body cannot nest without end. */
const DEPTH_MAX = 10;
const PAIRS_MAX = 2_000;

type Node = Map<string, Node | string>;

/**
 * Decodes `application/x-www-form-urlencoded` with nested brackets, the way Stripe's SDKs encode it.
 * Errors: a key that is both a value and an object, or unbalanced brackets, is refused by name.
 */
export function decodeForm(text: string): FormObject {
  const root: Node = new Map();
  let pairCount = 0;
  for (const [key, value] of new URLSearchParams(text)) {
    if (++pairCount > PAIRS_MAX) throw invalidRequest('The request has too many parameters.');
    place(root, splitKey(key), value, key);
  }
  return toObject(root);
}

/** `a[b][0][c]` → ['a', 'b', '0', 'c']; `a[]` ends with an empty segment. */
function splitKey(key: string): readonly string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(key);
  if (!match) throw invalidRequest(`Invalid parameter name: ${key}`, { param: key });
  const [, head = '', brackets = ''] = match;
  const segments = [head, ...[...brackets.matchAll(/\[([^[\]]*)\]/g)].map((m) => m[1] ?? '')];
  if (segments.length > DEPTH_MAX)
    throw invalidRequest(`Nested too deeply: ${key}`, { param: key });
  return segments;
}

function place(root: Node, segments: readonly string[], value: string, key: string): void {
  let node = root;
  segments.forEach((segment, index) => {
    const name = segment === '' ? String(node.size) : segment;
    const isLast = index === segments.length - 1;
    const present = node.get(name);
    if (isLast) {
      if (present instanceof Map) throw conflict(key);
      node.set(name, value);
      return;
    }
    if (typeof present === 'string') throw conflict(key);
    const child: Node = present ?? new Map();
    node.set(name, child);
    node = child;
  });
}

function conflict(key: string): Error {
  return invalidRequest(`Parameter given both as a value and as an object: ${key}`, { param: key });
}

function toObject(node: Node): FormObject {
  const result: Record<string, FormValue> = Object.create(null) as Record<string, FormValue>;
  for (const [name, child] of node)
    result[name] = typeof child === 'string' ? child : toValue(child);
  return result;
}

/** A node whose names are 0..n-1 in any order is a list; every other one is an object. */
function toValue(node: Node): FormValue {
  const isList = [...node.keys()].every((name) => /^\d+$/.test(name));
  if (!isList) return toObject(node);
  return [...node.entries()]
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => (typeof child === 'string' ? child : toValue(child)));
}
