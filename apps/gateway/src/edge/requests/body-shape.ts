import { OrbitError } from '@orbit/contracts';

/** Deeper than any body that a route reads. */
const DEPTH_MAX = 8;

/**
 * Refuses what class-transformer cannot walk: it calls itself for each level, which ends the stack; it takes a
 * field named `constructor` for the class of its object, and passes over the other names that every object has; and
 * what stands in a list in a list escapes the rules of its class. No body of ours has any of them.
 * Errors: OrbitError `unknown_field`, `invalid_field`, with the path of the field.
 */
export function requireReadableShape(body: object): void {
  const open: [path: string, value: object, depth: number][] = [['', body, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, value, depth] = next;
    const isList = Array.isArray(value);
    for (const [name, child] of Object.entries(value)) {
      const param = path === '' ? name : `${path}.${name}`;
      if (!isList && name in Object.prototype) throw unknownField(param);
      if (typeof child !== 'object' || child === null) continue;
      if (isList && Array.isArray(child)) throw misplaced(param, 'is no list');
      if (depth === DEPTH_MAX) throw misplaced(param, `is nested deeper than ${DEPTH_MAX} levels`);
      open.push([param, child, depth + 1]);
    }
  }
}

export function unknownField(path: string): OrbitError {
  const param = path.slice(0, PARAM_LENGTH_MAX);
  return new OrbitError('unknown_field', `There is no field ${param} here.`, { param });
}

/** Part of a path that a caller made, as an answer repeats it. */
export const PARAM_LENGTH_MAX = 128;

function misplaced(path: string, fault: string): OrbitError {
  const param = path.slice(0, PARAM_LENGTH_MAX);
  return new OrbitError('invalid_field', `${param} ${fault}.`, { param });
}
