/**
 * Stands between the suite and the server: gives every request the key, real ids and values in place of the
 * placeholders of the suite, and checks what the server answers against the contract.
 */
import { findOperation, matchOperation, responseFaults } from '@orbit/orb-api';
import { createServer } from 'node:http';
import { FixtureError } from './fixtures.mjs';
import { prepare } from './prepare.mjs';

const NOT_BUILT = 'feature-not-available';

/** Answers `{url, seen, close}`; `seen` is what each request came to: `{test, operation, status, isBuilt, faults}`. */
export async function startProxy(target, fixtures) {
  const seen = [];
  let test = '';

  async function serve(request, body) {
    const [path, query = ''] = request.url.split('?');
    if (path === '/_test') {
      test = body;
      return { status: 204, text: '' };
    }
    const match = matchOperation(request.method, path.replace(/^\/v1/, ''));
    if (match.status !== 'found') {
      seen.push({ test, operation: null, status: 404, faults: [`no operation: ${path}`] });
      return { status: 404, text: '{}' };
    }
    const { operation, pathValues } = match;
    const note = { test, operation: operation.id, status: 0, isBuilt: true, faults: [] };
    seen.push(note);
    try {
      const given = {
        operation,
        path: pathValues,
        query: new URLSearchParams(query),
        body: body === '' ? undefined : JSON.parse(body),
      };
      const ready = await prepare(given, fixtures);
      const answer = await send(target, operation, ready, request.headers);
      note.status = answer.status;
      note.isBuilt = !answer.text.includes(NOT_BUILT);
      note.faults = note.isBuilt ? faultsOf(operation, answer) : [];
      if (note.faults.length > 0) note.sent = ready.body;
      return answer;
    } catch (error) {
      if (!(error instanceof FixtureError)) throw error;
      note.status = error.status;
      note.isBuilt = !error.isNotBuilt;
      if (note.isBuilt) note.faults = [error.message];
      return { status: error.status, text: error.body };
    }
  }

  const server = createServer((request, reply) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      serve(request, Buffer.concat(parts).toString('utf8')).then(
        ({ status, text, type = 'application/json' }) => {
          reply.writeHead(status, text === '' ? {} : { 'content-type': type });
          reply.end(text);
        },
        (error) => {
          seen.push({ test, operation: null, status: 500, faults: [String(error?.stack)] });
          reply.writeHead(500).end('{}');
        },
      );
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    });
  return { url: `http://127.0.0.1:${server.address().port}`, seen, close };
}

async function send({ baseUrl, key }, operation, { path, query, body }, headers) {
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name]));
  const text = query.toString();
  const response = await fetch(`${baseUrl}${filled}${text === '' ? '' : `?${text}`}`, {
    method: operation.method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(headers['idempotency-key'] ? { 'idempotency-key': headers['idempotency-key'] } : {}),
      ...(headers['create-pending-subscription-change']
        ? { 'create-pending-subscription-change': headers['create-pending-subscription-change'] }
        : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    text: await response.text(),
    type: response.headers.get('content-type') ?? 'application/json',
  };
}

function faultsOf(operation, { status, text }) {
  if (status !== operation.successStatus) return [`${status} ${text.slice(0, 600)}`];
  if (operation.responseSchema === null) return [];
  try {
    return responseFaults(findOperation(operation.id), JSON.parse(text)).map(String);
  } catch (error) {
    return [`the answer is no JSON: ${error.message}`];
  }
}
