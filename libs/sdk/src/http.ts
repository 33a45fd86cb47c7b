import { ConnectionError, errorOf } from './errors.js';

export interface OrbitOptions {
  /** `dv_live_sk_…`, of one organization. */
  readonly apiKey: string;
  /** Where Orbit Billing runs. Default: the environment's ORBIT_BASE_URL, else http://localhost:3000. */
  readonly baseUrl?: string;
  /** Of one try. Default 30,000. */
  readonly timeoutMs?: number;
  /** Further tries after the first, when there was no answer or it says that it may be repeated. Default 3. */
  readonly retriesMax?: number;
  /** For tests and proxies; `globalThis.fetch` by default. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  /** Names the operation for ever: the same key is never carried out twice. Made for you where the API takes one. */
  readonly idempotencyKey?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly pathNames: readonly string[];
  readonly queryNames: readonly string[];
  readonly takesKey: boolean;
  readonly isBytes: boolean;
}

export interface Caller {
  call<T>(operation: Operation, parameters: object, options: CallOptions): Promise<T>;
}

const TIMEOUT_MS = 30_000;
const RETRIES_MAX = 3;
const FIRST_WAIT_MS = 250;
const WAIT_MS_MAX = 8_000;
/** Answers that say nothing was decided, or that the same ids may be sent again. */
const REPEATABLE = new Set([429, 502, 503, 504]);

/** Sends requests, and sends them again where that is safe: every operation carries its ids. */
export class HttpCaller implements Caller {
  private readonly baseUrl: string;

  constructor(private readonly options: OrbitOptions) {
    if (!options.apiKey)
      throw new TypeError('apiKey is missing: new Orbit({ apiKey: "dv_live_sk_…" })');
    const fromEnvironment = globalThis.process?.env['ORBIT_BASE_URL'];
    this.baseUrl = (options.baseUrl ?? fromEnvironment ?? 'http://localhost:3000').replace(
      /\/+$/,
      '',
    );
  }

  async call<T>(operation: Operation, parameters: object, options: CallOptions): Promise<T> {
    const { url, body } = this.requestOf(operation, { ...parameters });
    const headers: Record<string, string> = { 'X-API-Key': this.options.apiKey };
    if (body !== null) headers['Content-Type'] = 'application/json';
    // Made once, so that a repeat of the request is a repeat for the server as well.
    const key = options.idempotencyKey ?? (operation.takesKey ? crypto.randomUUID() : null);
    if (key !== null) headers['Idempotency-Key'] = key;
    const retriesMax = this.options.retriesMax ?? RETRIES_MAX;
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt >= retriesMax;
      const response = await this.send(
        url,
        { method: operation.method, headers, body },
        options,
        isLast,
      );
      if (response?.ok) {
        if (operation.isBytes) return new Uint8Array(await response.arrayBuffer()) as T;
        return (await response.json()) as T;
      }
      if (response && (isLast || !REPEATABLE.has(response.status))) throw await failure(response);
      await wait(waitMs(attempt, response?.headers.get('retry-after') ?? null), options.signal);
    }
  }

  private requestOf(
    { method, path, pathNames, queryNames }: Operation,
    rest: Record<string, unknown>,
  ): { url: URL; body: string | null } {
    let filled = path;
    for (const name of pathNames) {
      const value = rest[name];
      if (typeof value !== 'string' || value === '') throw new TypeError(`${name} is missing`);
      filled = filled.replace(`{${name}}`, encodeURIComponent(value));
      delete rest[name];
    }
    const url = new URL(this.baseUrl + filled);
    for (const name of queryNames) {
      const value = rest[name];
      if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
      delete rest[name];
    }
    const hasBody = method !== 'GET' && Object.keys(rest).length > 0;
    return { url, body: hasBody ? JSON.stringify(rest) : null };
  }

  /** Null when no answer came and there is another try. */
  private async send(
    url: URL,
    request: { method: string; headers: Record<string, string>; body: string | null },
    { timeoutMs, signal }: CallOptions,
    isLast: boolean,
  ): Promise<Response | null> {
    const limit = AbortSignal.timeout(timeoutMs ?? this.options.timeoutMs ?? TIMEOUT_MS);
    const fetch = this.options.fetch ?? globalThis.fetch;
    try {
      const either = signal ? AbortSignal.any([limit, signal]) : limit;
      return await fetch(url, { ...request, signal: either });
    } catch (error) {
      if (signal?.aborted) throw error;
      if (!isLast) return null;
      const why = limit.aborted ? 'did not answer in time' : 'cannot be reached';
      throw new ConnectionError(`Orbit Billing at ${url.origin} ${why}.`, { cause: error });
    }
  }
}

async function failure(response: Response): Promise<Error> {
  const text = await response.text();
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy between us answers in its own words; the status says enough.
  }
  return errorOf(response.status, body, response.headers.get('x-request-id'));
}

/** What the server asks for, else doubling with jitter, so that clients do not come back in one moment. */
function waitMs(attempt: number, retryAfter: string | null): number {
  const seconds = Number(retryAfter);
  if (retryAfter !== null && seconds >= 0) return Math.min(seconds * 1_000, WAIT_MS_MAX);
  return Math.min(FIRST_WAIT_MS * 2 ** attempt, WAIT_MS_MAX) * (0.5 + Math.random() / 2);
}

async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
