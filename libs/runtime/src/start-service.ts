import 'reflect-metadata';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { reportAs, SERVICES, type Service } from '@orbit/metrics';
import { ServerTCP, type CustomTransportStrategy } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAddress } from './address.js';
import { HealthServer } from './health-server.js';
import { createLogger, type Logger } from './logger.js';
import { NestLogger } from './nest-logger.js';
import type { CallerGate } from './rpc/callers/caller-gate.js';
import { GatedServerTcp } from './rpc/callers/gated-server.js';
import { RPC_MESSAGE_SIZE_MAX } from './rpc/rpc-client.js';
import { OrbitRpcFilter } from './rpc/rpc.filter.js';
import { stopOnSignals } from './shutdown.js';
import { rpcTraces } from './tracing/rpc-traces.js';
import { startTracing } from './tracing/start-tracing.js';

const SHUTDOWN_TIMEOUT_MS_DEFAULT = 25_000;
const READY_POLL_MS = 100;
const RPC_DRAIN_MS_MAX = 5_000;

/** The part of a messaging strategy that startService needs; KafkaBatchServer is one. */
export interface MessageStrategy extends CustomTransportStrategy {
  isReady(): boolean;
  /** Why it is not ready, for /health/ready. */
  notReadyReasons?(): readonly string[];
}

export interface StartServiceOptions {
  readonly name: string;
  readonly module: Type | DynamicModule;
  /** "host:port" to answer RPC on; absent when the service has none. */
  readonly rpcAddress?: string;
  /** Refuses callers; absent: whoever reaches the port is answered. */
  readonly rpcGate?: CallerGate | null;
  /** Absent when the service answers health on its own HTTP port. */
  readonly healthPort?: number;
  /** Asked of whoever reads /metrics; absent: nobody is. */
  readonly metricsToken?: string | undefined;
  readonly strategy?: MessageStrategy | ((app: NestFastifyApplication) => MessageStrategy);
  /** Resolves when what the service needs can be reached; rejects with the reason when not. */
  readonly ready: () => Promise<void>;
  /** Faults that do not stop the service; reported by /health/ready. */
  readonly warnings?: () => readonly string[];
  readonly logger?: Logger;
  readonly shutdownTimeoutMs?: number;
  /** Runs between making the application and starting its transports. */
  readonly prepare?: (app: NestFastifyApplication) => Promise<void>;
}

export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly logger: Logger;
  readonly health: HealthServer | null;
  stop(): Promise<void>;
}

/**
 * Starts one service: health server first, then RPC and messages. Prints "ready" once /health/ready would
 * answer 200. A signal stops it in the opposite order: no new messages, running batches and calls finish,
 * then the module's own connections close.
 */
export async function startService(options: StartServiceOptions): Promise<RunningService> {
  if (isService(options.name)) reportAs(options.name);
  const logger = options.logger ?? createLogger(options.name, process.env['LOG_LEVEL'] ?? 'info');
  const environment = isService(options.name) ? process.env : {};
  const stopTracing = await startTracing(options.name, environment, logger);
  const phase: Phase = { isListening: false, isStopping: false };
  const parts: { strategy?: MessageStrategy } = {};
  const check = async (): Promise<readonly string[]> => {
    if (phase.isStopping) return ['stopping'];
    if (!phase.isListening) return ['starting'];
    const reasons = messagingReasons(parts.strategy);
    await options.ready().catch((error: unknown) => {
      reasons.push(error instanceof Error ? error.message : String(error));
    });
    return reasons;
  };
  const { warnings = () => [] } = options;
  const health = new HealthServer({
    port: options.healthPort ?? 0,
    check,
    warnings,
    metricsToken: options.metricsToken,
  });
  if (options.healthPort !== undefined) await health.listen();

  const app = await NestFactory.create<NestFastifyApplication>(
    options.module,
    new FastifyAdapter(),
    { logger: new NestLogger(logger), abortOnError: false },
  );
  app.useGlobalFilters(new OrbitRpcFilter(logger));
  await options.prepare?.(app);
  const rpc = connectRpc(app, options, logger);
  const { strategy: given } = options;
  const strategy = typeof given === 'function' ? given(app) : given;
  if (strategy) {
    parts.strategy = strategy;
    app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  }
  // Providers connect first; a call or message that came earlier would meet a half-made module.
  await app.init();
  await app.startAllMicroservices();
  phase.isListening = true;

  const stop = async (): Promise<void> => {
    phase.isStopping = true;
    await strategy?.close();
    await rpc?.drain();
    await app.close();
    await stopTracing();
    if (options.healthPort !== undefined) await health.close();
  };
  stopOnSignals({
    logger,
    stop,
    timeoutMs: options.shutdownTimeoutMs ?? SHUTDOWN_TIMEOUT_MS_DEFAULT,
  });
  void announceReady(health, phase, logger);
  return { app, logger, health: options.healthPort === undefined ? null : health, stop };
}

/** The sandbox is started as a service, and has no instruments and no traces of its own. */
const isService = (name: string): name is Service => (SERVICES as readonly string[]).includes(name);

interface Phase {
  isListening: boolean;
  isStopping: boolean;
}

function messagingReasons(strategy: MessageStrategy | undefined): string[] {
  if (!strategy || strategy.isReady()) return [];
  const reasons = strategy.notReadyReasons?.() ?? [];
  return reasons.length > 0 ? [...reasons] : ['messages are not being consumed'];
}

/** The launcher waits for this line; the reasons in between are for a person who wonders why it waits. */
async function announceReady(health: HealthServer, phase: Phase, logger: Logger): Promise<void> {
  let last = '';
  while (!phase.isStopping) {
    const { ready, reasons } = await health.report();
    if (ready) return logger.info('ready');
    const text = reasons.join('; ');
    if (text !== last) logger.info({ reasons }, 'not ready yet');
    last = text;
    await sleep(READY_POLL_MS, undefined, { ref: false });
  }
}

interface Rpc {
  /** Waits, within bounds, until the calls under way are answered: closing cuts their connections. */
  drain(): Promise<void>;
}

function connectRpc(
  app: NestFastifyApplication,
  { rpcAddress, rpcGate }: StartServiceOptions,
  logger: Logger,
): Rpc | null {
  if (rpcAddress === undefined) return null;
  const tcp = { ...parseAddress(rpcAddress), maxBufferSize: RPC_MESSAGE_SIZE_MAX };
  const server = rpcGate ? new GatedServerTcp(tcp, rpcGate, logger) : new ServerTCP(tcp);
  app.connectMicroservice({ strategy: server }, { inheritAppConfig: true });
  let openCount = 0;
  const traces = rpcTraces();
  server.setOnProcessingStartHook((_transport, context, done) => {
    openCount += 1;
    // A handler's error is the filter's; what rejects here is a failure to answer at all.
    traces
      .begin(context, done)
      .catch((error: unknown) => logger.error({ err: error }, 'RPC call was not answered'));
  });
  server.setOnProcessingEndHook((_transport, context) => {
    openCount -= 1;
    traces.end(context);
  });
  return {
    async drain() {
      const rounds = RPC_DRAIN_MS_MAX / 20;
      for (let round = 0; round < rounds && openCount > 0; round++) await sleep(20);
      // The last answers were handed to the sockets in this turn; let them leave.
      await sleep(20);
    },
  };
}
