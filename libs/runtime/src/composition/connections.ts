import { OrbitError } from '@orbit/contracts';
import { REFUSE_READ_ONLY } from '../postgres/postgres-session.js';

/** Something outside that a service keeps open. A client of another service (RpcClient) is one as it is. */
export interface Connection {
  open?(): Promise<unknown> | void;
  /** Rejects with the reason when the service cannot work without it now. */
  ready?(): Promise<unknown>;
  /** Faults that it works with, and that somebody is to repair. */
  warnings?(): readonly string[];
  close(): Promise<unknown> | void;
}

interface Prisma {
  $executeRawUnsafe(sql: string): Promise<unknown>;
  $disconnect(): Promise<void>;
}

/** A pool of Prisma; ready when its server takes writes. */
export const prismaConnection = (prisma: Prisma): Connection => ({
  ready: () => prisma.$executeRawUnsafe(REFUSE_READ_ONLY),
  close: () => prisma.$disconnect(),
});

interface Pool {
  query(sql: string): Promise<unknown>;
  end(): Promise<void>;
}

/** A pool of pg; ready when its server takes writes. */
export const postgresConnection = (pool: Pool): Connection => ({
  ready: () => pool.query(REFUSE_READ_ONLY),
  close: () => pool.end(),
});

interface Producer {
  connect(): Promise<void>;
  isConnected(): boolean;
  disconnect(): Promise<void>;
}

/** A producer of events; ready while it is connected. */
export const kafkaConnection = (producer: Producer): Connection => ({
  open: () => producer.connect(),
  ready: () =>
    producer.isConnected()
      ? Promise.resolve()
      : Promise.reject(new OrbitError('unavailable', 'Kafka is unavailable')),
  close: () => producer.disconnect(),
});
