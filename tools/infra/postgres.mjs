/** One PostgreSQL server; its data in `$home/postgres`, or where `$home/postgres.json` says. */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { readJsonFile } from '../stack/json-file.mjs';
import { passableFolder, postgresAccount, postgresBinaries } from './postgres-binaries.mjs';
import { isOurs, spawnRecorded, waitUntilReady } from './processes.mjs';
import { securedUrl, securePostgres } from './secured.mjs';
import { SetupError } from './setup-error.mjs';

const run = promisify(execFile);
/** After a crash it replays up to `max_wal_size`. */
const READY_TIMEOUT_MS = 240_000;
export const ADMIN_ROLE = 'orbit_admin';

/** The data folder that was chosen, or null. */
function readPlace(file) {
  const isWhole = ({ dataFolder: folder }) => typeof folder === 'string' && path.isAbsolute(folder);
  const advice =
    'It says where the database lies: {"dataFolder": "…"}, usually the folder postgres beside it. Write that, or restore it.';
  return readJsonFile(file, { isWhole, advice })?.dataFolder ?? null;
}

/** The data folder, chosen once per home and remembered in a file. */
function dataFolder(home, account) {
  const file = path.join(home, 'postgres.json');
  const kept = readPlace(file);
  if (kept !== null) return kept;
  const folder = passableFolder(path.join(home, 'postgres'), account);
  fs.writeFileSync(`${file}.tmp`, JSON.stringify({ dataFolder: folder }));
  fs.renameSync(`${file}.tmp`, file);
  return folder;
}

/** Removes the data, also when it lies outside of the home. For throw-away servers only. */
export function removePostgresData(home) {
  const file = path.join(home, 'postgres.json');
  const folder = readPlace(file);
  if (folder === null) return;
  fs.rmSync(folder, { recursive: true, force: true });
  const parent = path.dirname(folder);
  if (path.basename(parent).startsWith('orbit-postgres-')) fs.rmSync(parent, { recursive: true });
}

async function initialiseOnce(bin, data, password, account) {
  if (fs.existsSync(path.join(data, 'PG_VERSION'))) return;
  // Made under another name and renamed, so that a crash in between leaves nothing half made.
  const unfinished = `${data}.unfinished`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.rmSync(data, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const secretFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'orbit-initdb-'));
  const secretFile = path.join(secretFolder, 'password');
  fs.writeFileSync(secretFile, `${password}\n`, { mode: 0o600 });
  if (account) {
    for (const target of [unfinished, secretFolder, secretFile]) {
      fs.chownSync(target, account.uid, account.gid);
    }
  }
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--no-sync'];
  const args = [`--pgdata=${unfinished}`, `--username=${ADMIN_ROLE}`, `--pwfile=${secretFile}`];
  try {
    await run(path.join(bin, 'initdb'), [...args, ...flags], { ...account, cwd: '/' });
    fs.renameSync(unfinished, data);
  } catch (error) {
    throw new SetupError(`PostgreSQL could not make its data folder:\n${error.stderr ?? error}`);
  } finally {
    fs.rmSync(secretFolder, { recursive: true, force: true });
  }
}

/** After a crash and a reboot another process may own the old pid; PostgreSQL would then refuse. */
function removeStaleLock(data) {
  const lock = path.join(data, 'postmaster.pid');
  if (!fs.existsSync(lock)) return;
  const pid = Number(fs.readFileSync(lock, 'utf8').split('\n')[0]);
  if (!isOurs({ pid, marker: data })) fs.rmSync(lock, { force: true });
}

async function acceptsQueries(url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Starts PostgreSQL and waits until it answers a query. */
export async function startPostgres({
  home,
  port,
  password,
  isThrowAway = false,
  security = null,
  onWait,
}) {
  const account = postgresAccount();
  const bin = postgresBinaries(account);
  const data = dataFolder(home, account);
  await initialiseOnce(bin, data, password, account);
  removeStaleLock(data);
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: isThrowAway ? 400 : 200,
    shared_buffers: '128MB',
    max_wal_size: '512MB',
    timezone: 'UTC',
    log_min_messages: 'warning',
    ...(security ? securePostgres(security, data, account) : {}),
    // Throw-away servers live for one test run: no crash has to be survived.
    ...(isThrowAway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const handle = spawnRecorded({
    home,
    name: 'postgres',
    command: path.join(bin, 'postgres'),
    args: ['-D', data, '-p', String(port), ...flags],
    marker: data,
    cwd: '/',
    ...account,
  });
  const plainUrl = `postgresql://${ADMIN_ROLE}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  const url = security ? securedUrl(plainUrl, security) : plainUrl;
  await waitUntilReady(handle, () => acceptsQueries(url), READY_TIMEOUT_MS, onWait);
  return { handle, url };
}
