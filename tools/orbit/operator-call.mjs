import { OrbitCliError } from './faults.mjs';

/**
 * One call of the operator API. The operator key goes to the gateway and nowhere else: no redirect is followed.
 * Answers `data` and `meta`; a refusal is thrown with the server's own sentence.
 */
export async function askOperator({ gatewayUrl, key, method, route, body, timeoutMs }) {
  const headers = {
    'X-API-Key': key,
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
  };
  const signal = AbortSignal.timeout(timeoutMs);
  const request = { method, headers, signal, redirect: 'manual' };
  if (body !== undefined) request.body = body;
  const response = await fetch(`${gatewayUrl}/api/v1/operator${route}`, request);
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new OrbitCliError(
      `The gateway at ${gatewayUrl} redirects (${response.status}) to ${target(response)}. The operator key was not sent there; set ORBIT_GATEWAY_URL to where the gateway itself is.`,
    );
  }
  const answer = parse(await textOf(response, `${method} ${route}`));
  if (response.ok && answer !== null && 'data' in answer) return answer;
  const told = answer?.error?.message;
  if (told !== undefined) throw new OrbitCliError(told);
  const type = response.headers.get('content-type') ?? 'no content type';
  throw new OrbitCliError(
    `${method} ${route}: ${response.status} ${response.statusText} with ${type}, which is no answer of a gateway. Look at ${gatewayUrl} and at what lies between.`,
  );
}

/** The same; answers `data` alone. */
export const callOperator = async (call) => (await askOperator(call)).data;

/** Without user, query and fragment, which may be secrets. */
function target(response) {
  const location = response.headers.get('location') ?? '';
  if (!URL.canParse(location, response.url)) return 'nowhere';
  const { origin, pathname, protocol } = new URL(location, response.url);
  return /^https?:$/.test(protocol) ? origin + pathname : protocol;
}

async function textOf(response, what) {
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
function parse(text) {
  try {
    const answer = JSON.parse(text);
    return typeof answer === 'object' ? answer : null;
  } catch {
    return null;
  }
}
