/** wallet-ledger, or another service, as a process that a test may kill and start again: what crash tests are made of. */
import fs from 'node:fs';
import path from 'node:path';
import { freePorts } from '../infra/ports.mjs';
import {
  isOurs,
  readPid,
  spawnRecorded,
  stopProcess,
  waitUntilReady,
} from '../infra/processes.mjs';
import { ROOT } from '../stack/paths.mjs';

/** A quiet machine needs three seconds; one that is busy with other tests, a minute and more. */
const READY_MS_MAX = 180_000;

const isReady = async (url) => {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
};

/** Of every ledger that is started here, and of whoever authorizes before it. */
export const AUTHORIZATION_SECRET = 'a secret of the tests, long enough';

/** One instance; its ports stay the same over restarts. Needs a build. */
export class LedgerProcess {
  #handle = null;

  /** `env`: DATABASE_URL, REDIS_URL, KAFKA_BROKERS and further settings of the service. */
  static async create({ home, env, service = 'wallet-ledger', name = service }) {
    const [health, rpc] = await freePorts(2);
    return new LedgerProcess({ home, service, name, env, health, rpc });
  }

  constructor({ home, service, name, env, health, rpc }) {
    this.home = home;
    this.service = service;
    this.name = name;
    this.env = env;
    this.healthUrl = `http://127.0.0.1:${health}/health/ready`;
    this.rpcAddress = `127.0.0.1:${rpc}`;
    const rpcName = `${service.toUpperCase().replaceAll('-', '_')}_RPC`;
    this.ports = { HEALTH_PORT: String(health), [rpcName]: this.rpcAddress };
  }

  /** Starts it without waiting. `failPoint` names where it is to kill itself (tests only). */
  spawn(failPoint) {
    fs.mkdirSync(path.join(this.home, 'logs'), { recursive: true });
    const marker = `--orbit-home=${this.home}/${this.name}`;
    this.#handle = spawnRecorded({
      home: this.home,
      name: this.name,
      command: process.execPath,
      args: [path.join(ROOT, 'apps', this.service, 'dist', 'main.js'), marker],
      marker,
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        TZ: 'UTC',
        LOG_LEVEL: 'warn',
        ORBIT_ENV: 'test',
        AUTHORIZATION_SECRET,
        ...this.env,
        ...this.ports,
        ...(failPoint ? { ORBIT_FAIL_POINT: failPoint } : {}),
      },
    });
    return this.#handle;
  }

  /** Resolves when it has joined its group and reaches all of its stores. */
  async start(failPoint) {
    const handle = this.spawn(failPoint);
    await waitUntilReady(handle, () => isReady(this.healthUrl), READY_MS_MAX);
  }

  isReady() {
    return isReady(this.healthUrl);
  }

  /** Resolves with {code, signal} when the process has ended, however. */
  get exited() {
    return this.#handle?.exited ?? Promise.resolve(null);
  }

  get isRunning() {
    const record = readPid(this.home, this.name);
    return record !== null && isOurs(record);
  }

  /** SIGSTOP and SIGCONT make it seem dead and come back. */
  signal(name) {
    process.kill(this.#handle.pid, name);
  }

  /** kill -9 */
  async kill() {
    if (!this.#handle || this.#handle.exit) return;
    process.kill(this.#handle.pid, 'SIGKILL');
    await this.#handle.exited;
  }

  /** In order, as a deployment stops it. */
  async stop() {
    await stopProcess(this.home, this.name, { graceMs: 30_000 });
  }
}
