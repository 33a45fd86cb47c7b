import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A ClickHouse of one test's own, that it may kill and start again. */
export interface ClickHouseTestServer {
  readonly url: string;
  /** kill -9 */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what it had written or with nothing. */
  restart(from?: 'kept' | 'empty'): Promise<void>;
  stop(): Promise<void>;
}

interface PortsModule {
  freePorts(count: number): Promise<number[]>;
}

interface EngineModule {
  clickHouseEngine(): Promise<string>;
}

const tool = (name: string): Promise<unknown> =>
  import(new URL(`../../../tools/infra/${name}.mjs`, import.meta.url).href);

/** Null, after a sentence that says so, where npm has no engine of ClickHouse for this machine. */
export async function clickHouseServer(): Promise<ClickHouseTestServer | null> {
  const { clickHouseEngine } = (await tool('clickhouse')) as EngineModule;
  const { freePorts } = (await tool('ports')) as PortsModule;
  let engine: string;
  try {
    engine = await clickHouseEngine();
  } catch (error) {
    if ((error as Error).name !== 'SetupError') throw error;
    process.stderr.write(`Not tried, because ${(error as Error).message}\n`);
    return null;
  }
  const [port = 0] = await freePorts(1);
  const home = await mkdtemp(join(tmpdir(), 'orbit-clickhouse-'));
  const folder = join(home, 'data');
  const script = fileURLToPath(new URL('./serve-chdb.mjs', import.meta.url));
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(process.execPath, [script, String(port), folder, engine], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const failed = once(child, 'exit').then(() => {
      throw new Error("ClickHouse's engine ended before it listened.");
    });
    await Promise.race([once(createInterface(child.stdout), 'line'), failed]);
    failed.catch(() => undefined);
    return child;
  };
  let running = await start();
  const kill = async (): Promise<void> => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill('SIGKILL');
    await exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    kill,
    restart: async (from = 'kept') => {
      if (from === 'empty') await rm(folder, { recursive: true, force: true });
      running = await start();
    },
    stop: async () => {
      await kill();
      await rm(home, { recursive: true, force: true });
    },
  };
}
