import { setTimeout as sleep } from 'node:timers/promises';
import { ExactNumber, printJson } from '@orbit/orb-api';
import { OrbitCliError } from '../cli/faults.js';

/** An object of Orb's API as it came; numbers that a double cannot hold are `ExactNumber`. */
export type OrbObject = Readonly<Record<string, unknown>> & { readonly id: string };

const PAGE_SIZE = 100;
const ANSWER_MS_MAX = 60_000;
const TRIES_MAX = 6;
const PAUSE_MS_FIRST = 500;
/** Texts, which stay, and numbers with more digits than a double is sure to hold. */
const LONG_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]{15,}/g;
const MARK = 'exact number ';

/** One account of Orb, or of what speaks its API. The key goes to that address alone: no redirect is followed. */
export class OrbClient {
  constructor(
    /** With `/v1`. */
    private readonly baseUrl: string,
    private readonly key: string,
    private readonly signal: AbortSignal,
  ) {}

  get(path: string): Promise<OrbObject> {
    return this.call('GET', path) as Promise<OrbObject>;
  }

  /** Null when there is no such object. */
  async find(path: string): Promise<OrbObject | null> {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof OrbRefusal && error.status === 404) return null;
      throw error;
    }
  }

  /** Every page of a list, oldest first. */
  async list(path: string): Promise<OrbObject[]> {
    const found: OrbObject[] = [];
    for (let cursor: string | null = null; ;) {
      const query = new URLSearchParams({
        limit: String(PAGE_SIZE),
        ...(cursor ? { cursor } : {}),
      });
      const joint = path.includes('?') ? '&' : '?';
      const page = (await this.call('GET', `${path}${joint}${query.toString()}`)) as {
        readonly data: readonly OrbObject[];
        readonly pagination_metadata: { readonly next_cursor: string | null };
      };
      found.push(...page.data);
      cursor = page.pagination_metadata.next_cursor;
      if (cursor === null) return found.reverse();
    }
  }

  /** The same key makes one object, however often it is sent. */
  async send(
    method: 'POST' | 'PUT',
    path: string,
    body: unknown,
    idempotencyKey?: string,
  ): Promise<OrbObject> {
    return this.call(method, path, body, idempotencyKey) as Promise<OrbObject>;
  }

  private async call(
    method: string,
    path: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      this.signal.throwIfAborted();
      const response = await fetch(this.baseUrl + path, {
        method,
        redirect: 'manual',
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
        headers: {
          authorization: `Bearer ${this.key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: printJson(body) }),
      });
      const text = await response.text();
      if (response.ok) return parse(text, `${method} ${path}`);
      const isPassing = response.status === 429 || response.status >= 500;
      if (!isPassing || tries === TRIES_MAX) throw refusalOf(response.status, text, method, path);
      const saidMs = Number(response.headers.get('retry-after')) * 1_000;
      const pauseMs = saidMs > 0 ? saidMs : PAUSE_MS_FIRST * 2 ** (tries - 1);
      await sleep(Math.min(pauseMs, ANSWER_MS_MAX), undefined, { signal: this.signal });
    }
  }
}

/** A refusal by the server, in its own words. */
export class OrbRefusal extends OrbitCliError {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

function refusalOf(status: number, text: string, method: string, path: string): OrbRefusal {
  if (status >= 300 && status < 400) {
    const message = `${method} ${path}: the address redirects (${status}). The key was not sent on; give the address itself.`;
    return new OrbRefusal(message, status);
  }
  let said = text.slice(0, 200);
  try {
    const { detail, title } = JSON.parse(text) as { detail?: string | null; title?: string };
    said = detail ?? title ?? said;
  } catch {
    // It speaks no JSON: its text is what there is.
  }
  return new OrbRefusal(`${method} ${path}: ${status}: ${said}`, status);
}

function parse(text: string, what: string): unknown {
  if (text === '') return {};
  const marked = text.replace(LONG_NUMBER, (token) =>
    token.startsWith('"') ? token : JSON.stringify(MARK + token),
  );
  try {
    return JSON.parse(marked, (_, value: unknown) =>
      typeof value === 'string' && value.startsWith(MARK)
        ? new ExactNumber(value.slice(MARK.length))
        : value,
    );
  } catch {
    throw new OrbitCliError(`${what}: the answer is no JSON. Is --base-url the address of an API?`);
  }
}
