import type { ErrorObject } from 'ajv/dist/2020.js';

const FAULTS_MAX = 20;

/** Of these only the branches below them say something that a person can fix. */
const ENVELOPES = new Set(['oneOf', 'anyOf', 'if']);

/**
 * One sentence a field, the deepest fields first: of a union whose branches all refuse, the fault that lies
 * deepest is the one that the caller meant to write right.
 */
export function faultsFrom(errors: readonly ErrorObject[], root: string): readonly string[] {
  const byField = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    const field = fieldOf(error, root);
    byField.set(field, [...(byField.get(field) ?? []), error]);
  }
  const sentences = [...byField]
    .filter(([field]) => !isAbove(field, byField))
    .sort(([a], [b]) => depthOf(b) - depthOf(a) || (a < b ? -1 : 1))
    .map(([field, list]) => `${field} ${sentenceOf(list)}`);
  return sentences.slice(0, FAULTS_MAX);
}

/** `line_items[0].unit_config.unit_amount`; for a key that is missing or not known, that key. */
function fieldOf({ instancePath, keyword, params }: ErrorObject, root: string): string {
  const parts = instancePath.split('/').slice(1).map(unescape);
  if (keyword === 'required') parts.push(String(params['missingProperty']));
  if (keyword === 'additionalProperties') parts.push(String(params['additionalProperty']));
  if (keyword === 'discriminator') parts.push(String(params['tag']));
  const path = parts.reduce(
    (text, part) =>
      /^\d+$/.test(part) ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`,
    '',
  );
  return path === '' ? root : path;
}

/** A field is not named when one inside it is: the union above a wrong value says nothing more. */
function isAbove(field: string, all: ReadonlyMap<string, readonly ErrorObject[]>): boolean {
  const own = all.get(field) ?? [];
  if (!own.every(({ keyword }) => ENVELOPES.has(keyword) || keyword === 'type')) return false;
  return [...all.keys()].some(
    (other) => other.startsWith(`${field}.`) || other.startsWith(`${field}[`),
  );
}

function sentenceOf(errors: readonly ErrorObject[]): string {
  const reported = errors.filter(({ keyword }) => !ENVELOPES.has(keyword));
  const parts = new Set(reported.map(phraseOf));
  const types = reported
    .filter(({ keyword }) => keyword === 'type')
    .map(({ params }) => params['type']);
  if (types.length > 1 && parts.size === new Set(types).size) {
    return `must be ${[...new Set(types.map(String))].join(' or ')}`;
  }
  const rest = [...parts].filter((part) => parts.size === 1 || part !== 'must be null');
  return rest.length > 0 ? rest.join(', or ') : 'fits none of the forms that it may have';
}

function phraseOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not a field of this request';
    case 'enum':
      return `must be one of ${(params['allowedValues'] as unknown[]).map(String).join(', ')}`;
    case 'discriminator':
      return 'must name one of the forms of this object';
    case 'format':
      return `must be a valid ${String(params['format'])}`;
    default:
      return (message ?? 'is not valid').replace(/^must NOT/, 'must not');
  }
}

const depthOf = (field: string): number => field.split(/[.[]/).length;

const unescape = (part: string): string => part.replace(/~1/g, '/').replace(/~0/g, '~');
