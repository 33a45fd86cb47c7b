import { isSuccess, readFailure, readSuccess, unexpected, type WholeAnswer } from './answers.js';
import { ConnectionError, mayBeRepeated, OrbitApiError, OrbitError } from './errors.js';
import { isRedirect, nextAddress, tooMany } from './redirects.js';
import { wait, waitMs } from './repeats.js';
import type { CallOptions, Operation } from './operation.js';
import { readBaseUrl, readKey, requestOf, type Sent } from './requests.js';

export type { CallOptions, Operation, Signal } from './operation.js';

/** The caller's own types, where the caller has them: a program without `lib: DOM` and @types/node compiles too. */
export type Fetch = typeof globalThis extends { fetch: infer F } ? F : unknown;
export interface OrbitOptions {
  /** `dv_live_sk_…`, of one organization. Default: the environment's ORBIT_API_KEY. */
  readonly apiKey?: string | undefined;
  /** Where Orbit Billing runs. Default: the environment's ORBIT_BASE_URL, else http://localhost:3000. */
  readonly baseUrl?: string | undefined;
  /** Of one try, from the connection to the last byte of the answer. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Further tries after the first, when there was no answer or it says that it may be repeated. Default 3. */
  readonly retriesMax?: number | undefined;
  /** For tests and proxies; `globalThis.fetch` by default. */
  readonly fetch?: Fetch | undefined;
}

export interface Caller {
  call<T>(operation: Operation, parameters: object, options: CallOptions): Promise<T>;
}

const TIMEOUT_MS = 30_000;
const RETRIES_MAX = 3;
const REDIRECTS_MAX = 5;

/**
 * Sends requests, and sends them again where that is safe: every operation carries its ids, or sets a state
 * that is the same the second time (docs/decisions/0031).
 */
export class HttpCaller implements Caller {
  private readonly baseUrl: string;
  private readonly apiKey: string;

  constructor(private readonly options: OrbitOptions) {
    const environment = globalThis.process?.env;
    this.apiKey = readKey(options.apiKey ?? environment?.['ORBIT_API_KEY']);
    this.baseUrl = readBaseUrl(options.baseUrl ?? environment?.['ORBIT_BASE_URL']);
  }

  async call<T>(operation: Operation, parameters: object, options: CallOptions): Promise<T> {
    const sent = requestOf(this.baseUrl, this.apiKey, operation, parameters, options);
    const retriesMax = this.options.retriesMax ?? RETRIES_MAX;
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.attempt(sent, options);
        if (!isSuccess(answer)) throw readFailure(answer);
        return readSuccess(answer, operation.isBytes) as T;
      } catch (error) {
        if (attempt >= retriesMax || !isWorthAnother(error)) throw error;
        const askedMs = error instanceof OrbitApiError ? error.retryAfterMs : null;
        await wait(waitMs(attempt, askedMs), options.signal);
      }
    }
  }

  /** One try. The time is up when the whole answer is not here, not when its headers are not. */
  private async attempt(sent: Sent, { timeoutMs, signal }: CallOptions): Promise<WholeAnswer> {
    const limit = AbortSignal.timeout(timeoutMs ?? this.options.timeoutMs ?? TIMEOUT_MS);
    try {
      return await this.exchange(sent, signal ? AbortSignal.any([limit, signal]) : limit);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof OrbitError) throw error;
      const why = limit.aborted ? 'did not answer in time' : reasonOf(error);
      throw new ConnectionError(`Orbit Billing at ${sent.url.origin} ${why}.`, { cause: error });
    }
  }

  private async exchange({ url, ...request }: Sent, signal: AbortSignal): Promise<WholeAnswer> {
    const fetch = this.options.fetch ?? globalThis.fetch;
    let address = url;
    for (let redirects = 0; ; redirects++) {
      const response = await fetch(address, { ...request, redirect: 'manual', signal });
      const { status, headers } = response;
      refuseFollowed(response, address, request.method);
      if (!isRedirect(status)) {
        const bytes = await read(response);
        const answer = { origin: url.origin, status, headers, bytes };
        if (status >= 200 && (status < 300 || status >= 400)) return answer;
        throw unexpected(answer, 'with success or an error');
      }
      if (redirects >= REDIRECTS_MAX) throw tooMany(address, status);
      const redirected = { status, location: headers.get('location') };
      address = nextAddress(address, request.method, redirected);
      await response.body?.cancel();
    }
  }
}

class CutAnswer extends Error {}

async function read(response: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new CutAnswer('the body ended before its end', { cause });
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof CutAnswer ? 'broke its answer off' : 'cannot be reached';

/** A `fetch` of the caller's, or a browser's, may have its own mind about redirects. */
function refuseFollowed(response: Response, from: URL, method: string): void {
  const { redirected, url, type } = response;
  if (type === 'opaqueredirect') nextAddress(from, method, { status: 302, location: null });
  if (redirected && URL.canParse(url) && new URL(url).origin !== from.origin) {
    nextAddress(from, method, { status: 302, location: url });
  }
}

function isWorthAnother(error: unknown): boolean {
  if (error instanceof OrbitApiError) return mayBeRepeated(error);
  return error instanceof ConnectionError;
}
