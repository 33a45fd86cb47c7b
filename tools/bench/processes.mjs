/** The processes that are measured: our services as they ship, and the baselines. */
import fs from 'node:fs';
import path from 'node:path';
import { freePorts } from '../infra/ports.mjs';
import { spawnRecorded, stopProcess, tailOf, waitUntilReady } from '../infra/processes.mjs';
import { cpuMsOf } from './cpu.mjs';

const ROOT = path.join(import.meta.dirname, '..', '..');
const READY_TIMEOUT_MS = 60_000;
export const OPERATOR_API_KEY = 'bench-operator-key-bench';
export const AUTHORIZATION_SECRET = 'bench-bench-bench-bench-bench-bench';

async function answersReady(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** Peak and present resident memory in MB; null where there is no /proc. */
export function memoryOf(pid) {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
    const of = (field) =>
      Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024);
    return { peakMb: of('VmHWM'), nowMb: of('VmRSS') };
  } catch {
    return null;
  }
}

/** Starts one Node process with its log below the servers' home. */
export async function startNode({
  servers,
  name,
  script,
  env,
  readyUrl,
  profileTo = null,
  imports = [],
}) {
  const profile = profileTo === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileTo}`];
  const handle = spawnRecorded({
    home: servers.home,
    name,
    command: process.execPath,
    args: [
      '--enable-source-maps',
      '--max-semi-space-size=64',
      ...imports.flatMap((file) => ['--import', file]),
      ...profile,
      path.join(ROOT, script),
    ],
    marker: script,
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TZ: 'UTC', ...env },
  });
  if (readyUrl) await waitUntilReady(handle, () => answersReady(readyUrl), READY_TIMEOUT_MS);
  const stop = () => stopProcess(servers.home, name, { graceMs: 20_000 });
  return {
    pid: handle.pid,
    stop,
    memory: () => memoryOf(handle.pid),
    cpuMs: () => cpuMsOf(handle.pid),
    /** Errors: the process ended, with the end of its log. */
    check: () => {
      if (handle.exit) throw new Error(`${name} ended early.\n${tailOf(handle.logFile, 30)}`);
    },
    logFile: handle.logFile,
  };
}

/** The real wallet-ledger, on a database and a consumer group of the round's own. */
export async function startLedger({ servers, database, prefix, group, profileTo }) {
  const [health, rpc] = await freePorts(2);
  const started = await startNode({
    servers,
    name: 'wallet-ledger',
    script: 'apps/wallet-ledger/dist/main.js',
    profileTo,
    readyUrl: `http://127.0.0.1:${health}/health/ready`,
    env: {
      ORBIT_ENV: 'development',
      NODE_ENV: 'production',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
      DATABASE_URL: servers.roleUrl(database, 'wallet_ledger'),
      REDIS_URL: servers.redisUrl,
      KAFKA_BROKERS: servers.brokers.join(','),
      KAFKA_TOPIC_PREFIX: prefix,
      LEDGER_GROUP_ID: group,
      AUTHORIZATION_SECRET,
      WALLET_LEDGER_RPC: `127.0.0.1:${rpc}`,
      HEALTH_PORT: String(health),
    },
  });
  return { ...started, rpcAddress: `127.0.0.1:${rpc}` };
}

/** The real gateway before a real ledger; the other services are not asked by the routes that are measured. */
export async function startGateway({
  servers,
  database,
  prefix,
  ledger,
  profileTo,
  name = 'gateway',
  imports = [],
}) {
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const started = await startNode({
    servers,
    name,
    imports,
    script: 'apps/gateway/dist/main.js',
    profileTo,
    readyUrl: `${url}/health/ready`,
    env: {
      ORBIT_ENV: 'development',
      NODE_ENV: 'production',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
      PORT: String(port),
      PUBLIC_URL: url,
      DATABASE_URL: servers.roleUrl(database, 'gateway'),
      REDIS_URL: servers.redisUrl,
      KAFKA_BROKERS: servers.brokers.join(','),
      KAFKA_TOPIC_PREFIX: prefix,
      WALLET_LEDGER_RPC: ledger.rpcAddress,
      CHECKOUT_RPC: '127.0.0.1:9',
      USAGE_METERING_RPC: '127.0.0.1:9',
      INVOICING_RPC: '127.0.0.1:9',
      API_KEY_HASH_SECRET: 'bench-bench-bench-bench',
      AUTHORIZATION_SECRET,
      OPERATOR_API_KEY,
      // One key sends everything here; the limit is counted as always, but must not refuse.
      RATE_LIMIT_PER_SECOND: '1000000',
      RATE_LIMIT_BURST: '1000000',
    },
  });
  return { ...started, url };
}

/** The real usage-metering; invoicing is not asked for what is measured. */
export async function startMetering({ servers, database, prefix, profileTo = null }) {
  const [health, rpc] = await freePorts(2);
  const started = await startNode({
    servers,
    name: 'usage-metering',
    script: 'apps/usage-metering/dist/main.js',
    profileTo,
    readyUrl: null,
    env: {
      ORBIT_ENV: 'development',
      NODE_ENV: 'production',
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
      DATABASE_URL: servers.roleUrl(database, 'usage_metering'),
      KAFKA_BROKERS: servers.brokers.join(','),
      KAFKA_TOPIC_PREFIX: prefix,
      USAGE_METERING_RPC: `127.0.0.1:${rpc}`,
      INVOICING_RPC: '127.0.0.1:9',
      HEALTH_PORT: String(health),
    },
  });
  return { ...started, rpcAddress: `127.0.0.1:${rpc}` };
}
