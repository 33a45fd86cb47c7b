/**
 * Servers of the benchmarks' own, on free ports, below a temporary folder that goes with them. They
 * run as `npm start` runs them: PostgreSQL waits for its disk, Kafka acknowledges with acks=all.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startInfra, stopInfra } from '../infra/infra.mjs';
import { removePostgresData } from '../infra/postgres.mjs';
import { commandLineOf, pidNames, stopProcess } from '../infra/processes.mjs';
import { migrate, SERVICES, withDatabase } from '../migrate.mjs';

const PREFIX = 'orbit-bench-';
const PASSWORD = 'bench';
/** The migrated database that every other one is a copy of. */
export const EMPTY = 'bench_empty';
const INFRA = ['kafka', 'redis', 'postgres'];

async function remove(home) {
  const services = pidNames(home).filter((name) => !INFRA.includes(name));
  await Promise.all(services.map((name) => stopProcess(home, name)));
  await stopInfra(home);
  removePostgresData(home);
  fs.rmSync(home, { recursive: true, force: true });
}

/** Ends and removes what a killed run of this account left behind. */
async function sweep() {
  for (const name of fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    const home = path.join(os.tmpdir(), name);
    const isOurs = fs.statSync(home).uid === process.getuid?.();
    if (isOurs && Number.isInteger(owner) && commandLineOf(owner) === null) await remove(home);
  }
}

export class Servers {
  constructor(home, infra) {
    this.home = home;
    this.brokers = infra.kafkaBrokers;
    this.redisUrl = infra.redisUrl;
    this.adminUrl = infra.databaseAdminUrl;
    /** By name: kafka, redis, postgres. */
    this.pids = Object.fromEntries(infra.handles.map(({ name, pid }) => [name, pid]));
  }

  static async start(say, isKept) {
    await sweep();
    const home = fs.mkdtempSync(path.join(os.tmpdir(), `${PREFIX}${process.pid}-`));
    // Another account must be able to enter: as root, PostgreSQL runs as one.
    fs.chmodSync(home, 0o755);
    const removal = once(async () => {
      if (isKept) await stopInfra(home);
      else await remove(home);
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.once(signal, () => void removal().then(() => process.exit(130)));
    }
    try {
      const infra = await startInfra({
        home,
        onProgress: (name, seconds) => say(`${name} is up (${seconds.toFixed(1)} s)`),
      });
      const servers = new Servers(home, infra);
      servers.stop = removal;
      const passwords = Object.fromEntries(SERVICES.map((service) => [service, PASSWORD]));
      await migrate({ adminUrl: servers.adminUrl, database: EMPTY, passwords });
      return servers;
    } catch (error) {
      await removal();
      throw error;
    }
  }

  /** A copy of a database; an older one of the same name goes first. */
  async copyDatabase(from, to) {
    await this.dropDatabase(to);
    await this.administer(`CREATE DATABASE ${to} TEMPLATE ${from} STRATEGY FILE_COPY`);
  }

  dropDatabase(name) {
    return this.administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }

  administer(sql) {
    return withClient(withDatabase(this.adminUrl, 'postgres'), (client) => client.query(sql));
  }

  adminUrlOf(database) {
    return withDatabase(this.adminUrl, database);
  }

  /** The database as one service's own role sees it. */
  roleUrl(database, role) {
    const url = new URL(this.adminUrlOf(database));
    url.username = `orbit_${role}`;
    url.password = PASSWORD;
    return url.href;
  }

  /** Rounds and stages have the same organizations; none starts with the holds of another. */
  async emptyRedis() {
    const redis = new Redis(this.redisUrl);
    await redis.flushall();
    redis.disconnect();
  }

  /** Dirty pages of the round before are written now, not while the next one is measured. */
  async checkpoint() {
    await this.administer('CHECKPOINT');
  }
}

export async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function once(work) {
  let running = null;
  return () => (running ??= work());
}
