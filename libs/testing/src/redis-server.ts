import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis of one test's own, that it may kill, flush and start again. */
export interface RedisServer {
  readonly url: string;
  /** kill -9 */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what it had written. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface RedisModule {
  startRedis(options: {
    home: string;
    isThrowAway: boolean;
    port: number;
  }): Promise<{ url: string; handle: { pid: number; exited: Promise<unknown> } }>;
}
interface PortsModule {
  freePorts(count: number): Promise<number[]>;
}

const tool = (name: string): Promise<unknown> =>
  import(new URL(`../../../tools/infra/${name}.mjs`, import.meta.url).href);

export async function redisServer(): Promise<RedisServer> {
  const { startRedis } = (await tool('redis')) as RedisModule;
  const { freePorts } = (await tool('ports')) as PortsModule;
  const home = await mkdtemp(join(tmpdir(), 'orbit-redis-'));
  const [port = 0] = await freePorts(1);
  const start = (): ReturnType<RedisModule['startRedis']> =>
    startRedis({ home, isThrowAway: false, port });
  let running = await start();
  const kill = async (): Promise<void> => {
    process.kill(running.handle.pid, 'SIGKILL');
    await running.handle.exited;
  };
  return {
    url: running.url,
    kill,
    restart: async () => {
      running = await start();
    },
    stop: async () => {
      await kill().catch(() => undefined);
      await rm(home, { recursive: true, force: true });
    },
  };
}
