import { ORB_ROUTES, type OrbMethod, type OrbOperation } from './operations.js';

export type OperationMatch =
  | {
      readonly status: 'found';
      readonly operation: OrbOperation;
      /** Decoded. */
      readonly pathValues: Readonly<Record<string, string>>;
    }
  | { readonly status: 'unknown_path' }
  | { readonly status: 'wrong_method'; readonly allowed: readonly OrbMethod[] };

interface Route {
  readonly segments: readonly string[];
  readonly names: readonly string[];
  readonly method: OrbMethod;
  readonly operation: OrbOperation;
}

const ROUTES: readonly Route[] = ORB_ROUTES.map(({ method, path, operation }) => {
  const segments = path.split('/');
  const names = operation.pathParameters.map(({ name }) => name);
  return { segments, names, method, operation };
})
  // `/customers/external_customer_id/{eid}` before `/customers/{id}/…`: fewer parameters are more exact.
  .sort((a, b) => parameterCount(a.segments) - parameterCount(b.segments));

const bySegmentCount = new Map<number, Route[]>();
for (const route of ROUTES) {
  const known = bySegmentCount.get(route.segments.length) ?? [];
  bySegmentCount.set(route.segments.length, [...known, route]);
}

/** `path` is below the base URL, still percent-encoded, without a query: an encoded slash is part of an id. */
export function matchOperation(method: string, path: string): OperationMatch {
  const given = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  const segments = given.split('/');
  const fitting = (bySegmentCount.get(segments.length) ?? []).filter((route) =>
    route.segments.every((part, index) => isParameter(part) || part === segments[index]),
  );
  // Among routes that fit a path, the most exact one decides; another method of the same path is a 405.
  const [best] = fitting;
  if (!best) return { status: 'unknown_path' };
  const found = fitting.find((route) => route.method === method);
  if (!found) {
    return { status: 'wrong_method', allowed: [...new Set(fitting.map((route) => route.method))] };
  }
  const pathValues = valuesOf(found, segments);
  return pathValues === null
    ? { status: 'unknown_path' }
    : { status: 'found', operation: found.operation, pathValues };
}

/** Null when an id is empty or no percent-encoded UTF-8. */
function valuesOf(route: Route, segments: readonly string[]): Record<string, string> | null {
  const values: Record<string, string> = {};
  for (const [index, part] of route.segments.entries()) {
    if (!isParameter(part)) continue;
    const decoded = decode(segments[index] ?? '');
    if (decoded === null || decoded === '') return null;
    values[part.slice(1, -1)] = decoded;
  }
  return values;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // Half an escape is an address that nothing has.
  }
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}

function parameterCount(segments: readonly string[]): number {
  return segments.filter(isParameter).length;
}
