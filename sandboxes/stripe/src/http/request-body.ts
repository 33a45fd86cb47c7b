import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { decodeForm, type FormObject, type FormValue } from './form.js';
import { invalidRequest } from './stripe-error.js';

/** Bodies stay text until a handler reads them: Stripe's refusals need its own error shape. */
export function acceptTextBodies(fastify: FastifyInstance): void {
  const keepText = (
    _request: FastifyRequest,
    body: string | Buffer,
    done: (error: Error | null, body: string) => void,
  ): void => done(null, body.toString());
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'string' }, keepText);
}

export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

function queryOf(request: FastifyRequest): string {
  const at = request.url.indexOf('?');
  return at === -1 ? '' : request.url.slice(at + 1);
}

/** Parameters of a request: the form body, or the query of a GET or DELETE. */
export function readForm(request: FastifyRequest): FormObject {
  const body = typeof request.body === 'string' ? request.body : '';
  if (request.method === 'GET' || body === '') return decodeForm(queryOf(request));
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded')) return decodeForm(body);
  if (type.startsWith('application/json') && !pathOf(request).startsWith('/v1/'))
    return fromJson(body);
  throw invalidRequest(
    `Invalid request (unsupported content type: ${type}). Send application/x-www-form-urlencoded.`,
  );
}

/** The same parameters in another order are the same request. */
export function hashRequest(request: FastifyRequest): string {
  const body = typeof request.body === 'string' ? request.body : '';
  const pairs = [...new URLSearchParams(body || queryOf(request))].map((pair) =>
    JSON.stringify(pair),
  );
  const text = [request.method, pathOf(request), ...pairs.sort()].join('\n');
  return createHash('sha256').update(text).digest('hex');
}

/** The developer's own endpoints take JSON too; its values become the text of a form. */
function fromJson(body: string): FormObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw invalidRequest('The body is not JSON.');
  }
  const form = toFormValue(parsed);
  if (typeof form === 'string' || Array.isArray(form)) throw invalidRequest('Send a JSON object.');
  return form as FormObject;
}

function toFormValue(value: unknown): FormValue {
  if (Array.isArray(value)) return value.map(toFormValue);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== null);
    return Object.fromEntries(entries.map(([name, item]) => [name, toFormValue(item)]));
  }
  return String(value);
}
