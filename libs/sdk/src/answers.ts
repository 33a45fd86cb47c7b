import { ConnectionError, errorOf, UnexpectedAnswerError, type OrbitApiError } from './errors.js';
import { retryAfterMs } from './repeats.js';

/** An answer with its whole body. */
export interface WholeAnswer {
  readonly origin: string;
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

const PDF = '%PDF-';
const JSON_TYPE = /^application\/([\w.-]+\+)?json\b/i;

export const isSuccess = ({ status }: WholeAnswer): boolean => status >= 200 && status < 300;

/** The bytes of a PDF, or the object with `data`. Whatever else came with a success is no answer of the API. */
export function readSuccess(answer: WholeAnswer, isBytes: boolean): unknown {
  const type = answer.headers.get('content-type');
  if (isBytes) {
    const start = new TextDecoder().decode(answer.bytes.subarray(0, PDF.length));
    if (start === PDF && !/^text\/html\b/i.test(type ?? '')) return answer.bytes;
    throw unexpected(answer, 'a PDF');
  }
  const body = parse(answer.bytes);
  if (typeof body === 'object' && body !== null && 'data' in body) return body;
  if (
    body === undefined &&
    answer.bytes.length > 0 &&
    JSON_TYPE.test(type ?? '') &&
    !isFramed(answer)
  )
    throw new ConnectionError(`The answer of Orbit Billing at ${answer.origin} was cut.`);
  throw unexpected(answer, 'JSON with data');
}

export function readFailure({ status, headers, bytes }: WholeAnswer): OrbitApiError {
  const asked = retryAfterMs(headers.get('retry-after'), headers.get('date'), Date.now());
  // A proxy between us answers in its own words; then the status says enough.
  return errorOf(status, parse(bytes), headers.get('x-request-id'), asked);
}

/** Without either the body ends where the connection does, so that a cut answer looks like a whole one. */
const isFramed = ({ headers }: WholeAnswer): boolean =>
  headers.has('content-length') || headers.has('transfer-encoding');

/** Undefined when it is no JSON. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

export function unexpected(answer: WholeAnswer, expected: string): UnexpectedAnswerError {
  const { origin, status, headers, bytes } = answer;
  const type = headers.get('content-type');
  const came = bytes.length === 0 ? 'an empty body' : (type ?? 'a body without a content type');
  return new UnexpectedAnswerError(
    `${origin} answered ${status} with ${came}, where Orbit Billing answers ${expected}. Look at what lies between, such as a proxy or a sign-in page, and at baseUrl.`,
    status,
    type,
    headers.get('x-request-id'),
  );
}
