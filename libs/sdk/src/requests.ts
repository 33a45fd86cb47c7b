import type { CallOptions, Operation } from './operation.js';

export interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

const VISIBLE = /^[\x21-\x7e]+$/;

/** Checked here, because what a header refuses is quoted in the error of `fetch`. */
export function readKey(given: string | undefined): string {
  const key = given?.trim() ?? '';
  if (key === '') throw new TypeError('apiKey is missing: new Orbit({ apiKey: "dv_live_sk_…" })');
  if (!VISIBLE.test(key)) throw new TypeError('apiKey holds characters that no key has.');
  return key;
}

export function readBaseUrl(given: string | undefined): string {
  const text = given?.trim() || 'http://localhost:3000';
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username || url.password)
    throw new TypeError('baseUrl is no address such as https://billing.example.com');
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

/** Made once per call, so that a repeat of the request is a repeat for the server as well. */
export function requestOf(
  baseUrl: string,
  apiKey: string,
  operation: Operation,
  parameters: object,
  { idempotencyKey }: CallOptions,
): Sent {
  const { method, takesKey } = operation;
  const { url, body } = fill(baseUrl, operation, { ...parameters });
  const headers: Record<string, string> = { 'X-API-Key': apiKey };
  if (body !== null) headers['Content-Type'] = 'application/json';
  const key = idempotencyKey ?? (takesKey ? crypto.randomUUID() : null);
  if (key !== null) {
    if (!VISIBLE.test(key)) throw new TypeError('idempotencyKey takes visible ASCII characters.');
    headers['Idempotency-Key'] = key;
  }
  return { url, method, headers, body };
}

function fill(
  baseUrl: string,
  { method, path, pathNames, queryNames }: Operation,
  rest: Record<string, unknown>,
): { url: URL; body: string | null } {
  let filled = path;
  for (const name of pathNames) {
    const value = rest[name];
    if (typeof value !== 'string' || value === '') throw new TypeError(`${name} is missing`);
    // An address drops such a part, or the one before it: another route would be asked.
    if (value === '.' || value === '..') throw new TypeError(`${name} is no id`);
    filled = filled.replace(`{${name}}`, encodeURIComponent(value));
    delete rest[name];
  }
  const url = new URL(baseUrl + filled);
  for (const name of queryNames) {
    const value = rest[name];
    if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
    delete rest[name];
  }
  const hasBody = method !== 'GET' && Object.keys(rest).length > 0;
  return { url, body: hasBody ? JSON.stringify(rest) : null };
}
