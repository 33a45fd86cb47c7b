import type { ErrorCode } from '@orbit/contracts';
import { OrbitCliError, Refused } from './faults.js';

export interface OperatorCall {
  readonly gatewayUrl: string;
  readonly key: string;
  readonly method: string;
  readonly route: string;
  /** As JSON. */
  readonly body?: string | undefined;
  readonly timeoutMs: number;
}

export interface OperatorAnswer {
  readonly data: unknown;
  readonly meta?: {
    readonly pagination?: { readonly has_more: boolean; readonly cursor: string | null };
  };
}

interface Refusal {
  readonly error?: { readonly message?: string; readonly code?: ErrorCode };
}

/**
 * One call of the operator API. The operator key goes to the gateway and nowhere else: no redirect is followed.
 * Answers `data` and `meta`; a refusal is thrown with the server's own sentence.
 */
export async function askOperator(call: OperatorCall): Promise<OperatorAnswer> {
  const { gatewayUrl, key, method, route, body, timeoutMs } = call;
  const headers = {
    'X-API-Key': key,
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
  };
  const signal = AbortSignal.timeout(timeoutMs);
  const request: RequestInit = { method, headers, signal, redirect: 'manual' };
  if (body !== undefined) request.body = body;
  const response = await fetch(`${gatewayUrl}/api/v1/operator${route}`, request);
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new OrbitCliError(
      `The gateway at ${gatewayUrl} redirects (${response.status}) to ${target(response)}. The operator key was not sent there; set ORBIT_GATEWAY_URL to where the gateway itself is.`,
    );
  }
  const answer = parse(await textOf(response, `${method} ${route}`));
  if (response.ok && answer !== null && 'data' in answer) return answer as OperatorAnswer;
  const refusal = answer as Refusal | null;
  const sentence = refusal?.error?.message;
  if (sentence !== undefined) throw new Refused(sentence, refusal?.error?.code ?? null);
  const type = response.headers.get('content-type') ?? 'no content type';
  throw new OrbitCliError(
    `${method} ${route}: ${response.status} ${response.statusText} with ${type}, which is no answer of a gateway. Look at ${gatewayUrl} and at what lies between.`,
  );
}

/** The same; answers `data` alone. */
export const callOperator = async (call: OperatorCall): Promise<unknown> =>
  (await askOperator(call)).data;

/** Without user, query and fragment, which may be secrets. */
function target(response: Response): string {
  const location = response.headers.get('location') ?? '';
  if (!URL.canParse(location, response.url)) return 'nowhere';
  const { origin, pathname, protocol } = new URL(location, response.url);
  return /^https?:$/.test(protocol) ? origin + pathname : protocol;
}

async function textOf(response: Response, what: string): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new OrbitCliError(
      `The answer to ${what} was cut, so it may have been carried out. Look before you repeat it.`,
      { cause },
    );
  }
}

/** Null when it is no JSON object. */
function parse(text: string): object | null {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' ? answer : null;
  } catch {
    return null;
  }
}
