import type { Logger } from '@orbit/runtime';
import { Kafka, logLevel, type LogEntry } from 'kafkajs';

export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger?: Logger | undefined;
}

const CONNECTION_TIMEOUT_MS = 3_000;
const AUTHENTICATION_TIMEOUT_MS = 5_000;

/**
 * kafkajs reports as errors what it mends by itself (a broker restarts, a group rebalances), so its
 * errors are warnings here and its warnings detail; what matters to an operator we log ourselves.
 */
const LEVELS = {
  [logLevel.ERROR]: 'warn',
  [logLevel.WARN]: 'debug',
  [logLevel.INFO]: 'debug',
  [logLevel.DEBUG]: 'trace',
  [logLevel.NOTHING]: 'trace',
} as const;

export function makeKafka(connection: KafkaConnection, requestTimeoutMs: number): Kafka {
  const { logger } = connection;
  return new Kafka({
    clientId: connection.clientId,
    brokers: [...connection.brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    authenticationTimeout: AUTHENTICATION_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    logLevel: logLevel.INFO,
    logCreator:
      () =>
      ({ level, namespace, log }: LogEntry) => {
        if (!logger) return;
        const { message, timestamp: _timestamp, logger: _name, ...detail } = log;
        logger[LEVELS[level]]({ kafka: namespace, detail }, message);
      },
  });
}
