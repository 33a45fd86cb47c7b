import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis of one test's own, that it may kill, flush and start again. */
export interface RedisServer {
  readonly url: string;
  /** kill -9 */
  kill(): Promise<void>;
  /** It keeps its connections, takes new ones, and answers none. */
  freeze(): void;
  thaw(): void;
  /** Keeps what it has written so far, for a later `restart`. */
  snapshot(): Promise<void>;
  /** Starts it again on the same port, with what it had written, with nothing, or as it was at the snapshot. */
  restart(from?: 'kept' | 'empty' | 'snapshot'): Promise<void>;
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
  const folder = join(home, 'redis');
  const kept = join(home, 'snapshot');
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
    freeze: () => process.kill(running.handle.pid, 'SIGSTOP'),
    thaw: () => process.kill(running.handle.pid, 'SIGCONT'),
    snapshot: () => cp(folder, kept, { recursive: true }),
    restart: async (from = 'kept') => {
      if (from !== 'kept') await rm(folder, { recursive: true, force: true });
      if (from === 'snapshot') await cp(kept, folder, { recursive: true });
      running = await start();
    },
    stop: async () => {
      await kill().catch(() => undefined);
      await rm(home, { recursive: true, force: true });
    },
  };
}
