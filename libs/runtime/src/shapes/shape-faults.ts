import { OrbitError, type Shape } from '@orbit/contracts';
import type { ErrorObject } from 'ajv/dist/2020.js';

/** The part of a caller's path that an answer repeats. */
const PARAM_LENGTH_MAX = 128;

interface Fault {
  readonly path: readonly string[];
  readonly isUnknown: boolean;
}

/** Unknown fields first, then in the order in which the shape names its fields. */
export function firstFault(errors: readonly ErrorObject[], shape: Shape<unknown>): OrbitError {
  const order = Object.keys(shape.properties ?? {});
  const rank = ({ path, isUnknown }: Fault): number =>
    isUnknown && path.length === 1 ? -1 : order.indexOf(path[0] ?? '');
  const [first = { path: [], isUnknown: false }] = errors
    .map(faultOf)
    .sort((a, b) => rank(a) - rank(b));
  const path = first.path.join('.').slice(0, PARAM_LENGTH_MAX);
  if (first.isUnknown) {
    return new OrbitError('unknown_field', `There is no field ${path} here.`, { param: path });
  }
  const field = fieldAt(shape, first.path);
  const { code = 'invalid_field', param = path } = field;
  return new OrbitError(code, `${param} ${field.says ?? formOf(field)}.`, { param });
}

function faultOf({ instancePath, keyword, params }: ErrorObject): Fault {
  const path = instancePath.split('/').slice(1).map(unescape);
  const isUnknown = keyword === 'additionalProperties';
  if (isUnknown) path.push(String(params['additionalProperty']));
  if (keyword === 'required') path.push(String(params['missingProperty']));
  return { path, isUnknown };
}

const unescape = (part: string): string => part.replace(/~1/g, '/').replace(/~0/g, '~');

/** The shape of what stands there; of a nullable field that of its value. */
function fieldAt(shape: Shape<unknown>, path: readonly string[]): Shape<unknown> {
  let at = shape;
  for (const part of path) {
    const inner = withoutNull(at);
    const next = inner.properties?.[part] ?? inner.items;
    if (!next) return at;
    at = next;
  }
  return at;
}

const withoutNull = (shape: Shape<unknown>): Shape<unknown> =>
  shape.anyOf?.find(({ type }) => type !== 'null') ?? shape;

/** Values that a field takes, in words, from its schema. */
function formOf(shape: Shape<unknown>): string {
  if (shape.anyOf) return `${formOf(withoutNull(shape))}, or null`;
  if (shape.enum) return `is one of ${shape.enum.join(', ')}`;
  switch (shape.type) {
    case 'integer':
      return `is an integer${range(shape.minimum, shape.maximum)}`;
    case 'boolean':
      return 'is true or false';
    case 'string':
      return `is a text${range(shape.minLength, shape.maxLength, ' of', ' characters')}`;
    case 'array':
      return `is a list${range(shape.minItems, shape.maxItems, ' of', ' entries')}`;
    case 'object':
      return 'is an object';
    default:
      return 'does not fit';
  }
}

function range(least?: number, most?: number, of = '', unit = ''): string {
  if (least !== undefined && most !== undefined) {
    return of === '' ? ` from ${least} to ${most}` : `${of} ${least} to ${most}${unit}`;
  }
  if (least !== undefined) return `${of} at least ${least}${unit}`;
  return most === undefined ? '' : `${of} at most ${most}${unit}`;
}
