/** One Redis server with an append-only file in `$home/redis`. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { redisBinary } from './artefacts.mjs';
import { spawnRecorded, waitUntilReady } from './processes.mjs';
import { redisSecurityArguments } from './secured.mjs';
import { SetupError } from './setup-error.mjs';

const run = promisify(execFile);
const READY_TIMEOUT_MS = 30_000;

async function works(command) {
  try {
    await run(command, ['--version']);
    return true;
  } catch {
    return false;
  }
}

async function findRedis() {
  if (await works('redis-server')) return 'redis-server';
  const binary = await redisBinary();
  if (await works(binary)) return binary;
  throw new SetupError(
    'The bundled Redis does not run here (it needs libssl 3). Install Redis 6.2 or newer ' +
      '(Debian: `apt-get install redis-server`, macOS: `brew install redis`) and start again.',
  );
}

/**
 * A PING over a bare socket, after a login where the server demands one: while Redis loads its file
 * it answers -LOADING, which is not ready.
 */
function answersPing(port, security) {
  return new Promise((resolve) => {
    const target = { port, host: '127.0.0.1' };
    const ping = () =>
      socket.write(
        security
          ? `AUTH ${security.redis.name} ${security.redis.password}\r\nPING\r\n`
          : 'PING\r\n',
      );
    const socket = security
      ? tls.connect({ ...target, ca: fs.readFileSync(security.caFile) }, ping)
      : net.connect(target, ping);
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
      if (/-LOADING|\+PONG/.test(answer)) finish(answer.includes('+PONG'));
    });
    socket.once('error', () => finish(false));
    socket.setTimeout(1_000, () => finish(false));
  });
}

/** Starts Redis and waits until it answers. A cut-off append-only file is repaired by Redis. */
export async function startRedis({ home, port, isThrowAway = false, security = null, onWait }) {
  const folder = path.join(home, 'redis');
  fs.mkdirSync(folder, { recursive: true });
  const options = {
    bind: '127.0.0.1',
    dir: folder,
    appendonly: 'yes',
    appendfsync: isThrowAway ? 'no' : 'everysec',
    'aof-load-truncated': 'yes',
    save: '',
    daemonize: 'no',
    // Balances must never be evicted: full memory is an error, not a wrong answer.
    'maxmemory-policy': 'noeviction',
    // The title stays the command line, by which a stale process is recognised.
    'set-proc-title': 'no',
  };
  const handle = spawnRecorded({
    home,
    name: 'redis',
    command: await findRedis(),
    args: [
      ...(security ? redisSecurityArguments(security, port) : ['--port', String(port)]),
      ...Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]),
    ],
    marker: folder,
  });
  await waitUntilReady(handle, () => answersPing(port, security), READY_TIMEOUT_MS, onWait);
  const url = security
    ? `rediss://${security.redis.name}:${security.redis.password}@127.0.0.1:${port}`
    : `redis://127.0.0.1:${port}`;
  return { handle, url };
}
