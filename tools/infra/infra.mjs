/**
 * The real servers of one stack: Kafka, Redis and PostgreSQL on free ports of the loopback
 * interface, everything they write below one home folder.
 *
 *   node tools/infra/infra.mjs start <home> [throw-away]    starts and prints their addresses
 *   node tools/infra/infra.mjs stop <home>
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readJsonFile } from '../stack/json-file.mjs';
import { startKafka } from './kafka.mjs';
import { keptPorts } from './ports.mjs';
import { startPostgres } from './postgres.mjs';
import { stopProcess } from './processes.mjs';
import { startRedis } from './redis.mjs';
import { readSecurity } from './secured.mjs';
import { SetupError } from './setup-error.mjs';

const PORT_NAMES = ['kafka', 'kafkaController', 'redis', 'postgres'];

/** Kafka first: it needs the longest. PostgreSQL understands SIGINT as an orderly, quick end. */
const STOPS = [
  { name: 'kafka', signal: 'SIGTERM', graceMs: 20_000 },
  { name: 'redis', signal: 'SIGTERM', graceMs: 10_000 },
  { name: 'postgres', signal: 'SIGINT', graceMs: 15_000 },
];

/** The administrator's password, made once per home. */
function adminPassword(home) {
  const file = path.join(home, 'postgres-password');
  if (!fs.existsSync(file)) {
    fs.writeFileSync(`${file}.tmp`, randomBytes(18).toString('base64url'), { mode: 0o600 });
    fs.renameSync(`${file}.tmp`, file);
  }
  return fs.readFileSync(file, 'utf8').trim();
}

/** The work of a server that is slow to start. */
const WAITS = {
  Kafka: 'starts, and reads the segments that a kill has left open',
  Redis: 'starts, and loads its append-only file',
  PostgreSQL: 'starts, and replays what a kill has left in its write-ahead log',
};

/**
 * Starts all three at once, after ending the rest of an earlier, crashed start. `onProgress(name, seconds)` is called
 * for each server that is up, `onWait(name, what)` every ten seconds with the work of each of the others.
 * `isSecured`: they demand TLS and a login each; `security` in the answer is what clients need for it.
 * Errors: SetupError with advice; whatever was started is stopped again.
 */
export async function startInfra({
  home,
  isThrowAway = false,
  isSecured = false,
  onProgress = () => undefined,
  onWait = () => undefined,
}) {
  fs.mkdirSync(path.join(home, 'logs'), { recursive: true });
  await stopInfra(home);
  const ports = await keptPorts(path.join(home, 'ports.json'), PORT_NAMES);
  const startedMs = Date.now();
  const timed = async (name, start) => {
    const result = await start;
    onProgress(name, (Date.now() - startedMs) / 1_000);
    return result;
  };
  const security = isSecured ? readSecurity(home) : null;
  const options = (name) => ({
    ...{ home, isThrowAway, security },
    onWait: () => onWait(name, WAITS[name]),
  });
  const results = await Promise.allSettled([
    timed(
      'Kafka',
      startKafka({ ...options('Kafka'), port: ports.kafka, controllerPort: ports.kafkaController }),
    ),
    timed('Redis', startRedis({ ...options('Redis'), port: ports.redis })),
    timed(
      'PostgreSQL',
      startPostgres({
        ...options('PostgreSQL'),
        port: ports.postgres,
        password: adminPassword(home),
      }),
    ),
  ]);
  const failures = results.filter((result) => result.status === 'rejected');
  if (failures.length > 0) {
    await stopInfra(home);
    if (failures.length === 1) throw failures[0].reason;
    throw new SetupError(failures.map(({ reason }) => reason.message).join('\n\n'));
  }
  const [kafka, redis, postgres] = results.map((result) => result.value);
  return {
    kafkaBrokers: kafka.brokers,
    redisUrl: redis.url,
    databaseAdminUrl: postgres.url,
    security,
    handles: [kafka.handle, redis.handle, postgres.handle],
  };
}

/**
 * Starts one server again on its old ports and data, after it died.
 * Returns its new handle.
 */
export async function restartServer(home, name, isSecured = false) {
  const ports = readJsonFile(path.join(home, 'ports.json'), {
    advice: 'npm stop, then npm start, writes it anew.',
  });
  const security = isSecured ? readSecurity(home) : null;
  const options = { home, isThrowAway: false, security };
  const starts = {
    kafka: () =>
      startKafka({ ...options, port: ports.kafka, controllerPort: ports.kafkaController }),
    redis: () => startRedis({ ...options, port: ports.redis }),
    postgres: () =>
      startPostgres({ ...options, port: ports.postgres, password: adminPassword(home) }),
  };
  const { handle } = await starts[name]();
  return handle;
}

/** Stops all three, gently first. Servers that do not run are fine. */
export async function stopInfra(home) {
  await Promise.all(STOPS.map(({ name, ...how }) => stopProcess(home, name, how)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [command, home, kind] = process.argv.slice(2);
  if (command === 'start' && home) {
    const isThrowAway = kind === 'throw-away';
    const { kafkaBrokers, redisUrl, databaseAdminUrl } = await startInfra({
      home: path.resolve(home),
      isThrowAway,
    });
    process.stdout.write(`${JSON.stringify({ kafkaBrokers, redisUrl, databaseAdminUrl })}\n`);
  } else if (command === 'stop' && home) {
    await stopInfra(path.resolve(home));
  } else {
    process.stderr.write('Usage: infra.mjs start <home> [throw-away] | stop <home>\n');
    process.exitCode = 64;
  }
}
