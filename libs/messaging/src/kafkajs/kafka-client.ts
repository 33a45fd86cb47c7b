import type { Logger } from '@orbit/runtime';
import { Kafka, logLevel, type ISocketFactory, type LogEntry } from 'kafkajs';
import net from 'node:net';
import tls from 'node:tls';
import { kafkaSecurity } from '../settings/kafka-security.js';
import { registerUnpackCodecs } from './unpacking/unpack-codecs.js';

export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger?: Logger | undefined;
}

const KEEP_ALIVE_MS = 60_000;
const CONNECTION_TIMEOUT_MS = 3_000;
const AUTHENTICATION_TIMEOUT_MS = 5_000;

/**
 * kafkajs reports as errors what it repairs by itself (a broker restarts, a group rebalances), so its
 * errors are warnings here and its warnings detail; what matters to an operator we log ourselves.
 */
const LEVELS = {
  [logLevel.ERROR]: 'warn',
  [logLevel.WARN]: 'debug',
  [logLevel.INFO]: 'debug',
  [logLevel.DEBUG]: 'trace',
  [logLevel.NOTHING]: 'trace',
} as const;

/**
 * As kafkajs makes them, but without Nagle's algorithm: a commit or a heartbeat that follows a fetch on the
 * same connection would wait for the broker's delayed acknowledgement, some 40 ms.
 */
const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl
    ? tls.connect({ host, port, ...servername, ...ssl }, onConnect)
    : net.connect({ host, port }, onConnect);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setNoDelay(true);
  return socket;
};

registerUnpackCodecs();

export function makeKafka(connection: KafkaConnection, requestTimeoutMs: number): Kafka {
  const { logger } = connection;
  return new Kafka({
    clientId: connection.clientId,
    brokers: [...connection.brokers],
    ...kafkaSecurity(),
    socketFactory,
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
