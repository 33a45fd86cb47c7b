/**
 * ClickHouse's HTTP interface over the engine in this process:
 *   node serve-chdb.mjs <port> <folder> <engine>
 * As much of it as the official client uses; one statement at a time, because settings belong to the engine's
 * one session.
 */
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const [port, folder, installed] = process.argv.slice(2);
const { createChdbConnection } = createRequire(path.join(installed, 'here.js'))('chdb/connection');
const engine = createChdbConnection({ path: folder });
/** What the client says about the connection, and the engine has no setting for. */
const OF_THE_CONNECTION = /^(query|database|query_id|session_id|role|enable_http_compression)$/;
let turn = Promise.resolve();

const bodyOf = async (request) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
};

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (pathname === '/ping') return response.end('Ok.\n');
  const [settings, parameters] = [{}, {}];
  for (const [name, value] of searchParams) {
    if (name.startsWith('param_')) parameters[name.slice('param_'.length)] = value;
    else if (!OF_THE_CONNECTION.test(name)) settings[name] = value;
  }
  const query = [searchParams.get('query'), await bodyOf(request)].filter(Boolean).join('\n');
  const { stream } = await engine.query({
    ...{ query, clickhouse_settings: settings, query_params: parameters },
  });
  response.setHeader('X-ClickHouse-Summary', '{}');
  for await (const part of stream) response.write(part);
  return response.end();
}

http
  .createServer({ maxHeaderSize: 1_048_576 }, (request, response) => {
    turn = turn.then(async () => {
      try {
        await answer(request, response);
      } catch (error) {
        response.statusCode = 500;
        const isKnown = /DB::Exception/.test(error.message) || error.code === undefined;
        response.end(
          isKnown
            ? error.message
            : `Code: ${error.code}. DB::Exception: ${error.message} (${error.type})`,
        );
      }
    });
  })
  .listen(Number(port), '127.0.0.1', () => console.log('listening'));
