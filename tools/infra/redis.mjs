/** One Redis server with an append-only file in `$home/redis`. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { redisBinary } from './artefacts.mjs';
import { spawnRecorded, waitUntilReady } from './processes.mjs';
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

/** A PING over a bare socket: while Redis loads its file it answers -LOADING, which is not ready. */
function answersPing(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => finish(data.toString().startsWith('+PONG')));
    socket.once('error', () => finish(false));
    socket.setTimeout(1_000, () => finish(false));
  });
}

/** Starts Redis and waits until it answers. A cut-off append-only file is repaired by Redis. */
export async function startRedis({ home, port, isThrowAway = false, onWait }) {
  const folder = path.join(home, 'redis');
  fs.mkdirSync(folder, { recursive: true });
  const options = {
    port,
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
    args: Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]),
    marker: folder,
  });
  await waitUntilReady(handle, () => answersPing(port), READY_TIMEOUT_MS, onWait);
  return { handle, url: `redis://127.0.0.1:${port}` };
}
