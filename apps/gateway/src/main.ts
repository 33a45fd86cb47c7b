import 'reflect-metadata';
import { systemClock } from '@orbit/kernel';
import { secureKafka } from '@orbit/messaging';
import { reportAs } from '@orbit/metrics';
import {
  ComposedService,
  createLogger,
  HealthServer,
  loadConfig,
  startTracing,
  stopOnSignals,
} from '@orbit/runtime';
import {
  BODY_BYTES_MAX,
  GatewayConfig,
  readOrigins,
  readProxies,
  SHUTDOWN_TIMEOUT_MS,
} from './gateway.config.js';
import { gatewayFeatures, GatewayModule } from './gateway.module.js';
import { GatewayResources } from './gateway.resources.js';
import { announceReady } from './edge/http/health.controller.js';
import { createHttpApp } from './edge/http/http-app.js';

const config = loadConfig(GatewayConfig, process.env, secureKafka);
const logger = createLogger('gateway', config.LOG_LEVEL);
reportAs('gateway');
const stopTracing = await startTracing('gateway', process.env, logger);
const resources = new GatewayResources(config, logger);
const ports = resources.ports();
const service = new ComposedService({
  logger,
  connections: [resources],
  features: gatewayFeatures(ports),
});
const app = await createHttpApp({
  module: service.moduleOf(GatewayModule),
  clock: systemClock,
  logger,
  bodyBytesMax: BODY_BYTES_MAX,
  isTls: config.PUBLIC_URL.startsWith('https:'),
  portalOrigins: readOrigins(config.PORTAL_ORIGINS),
  trustedProxies: readProxies(config.TRUSTED_PROXIES),
  keepAliveTimeoutMs: config.KEEP_ALIVE_SECONDS * 1000,
});
const health = new HealthServer({
  port: config.HEALTH_PORT ?? 0,
  metricsToken: config.METRICS_TOKEN,
  check: () => ports.readiness.reasons(),
  warnings: () => ports.readiness.warnings?.() ?? [],
});
stopOnSignals({
  logger,
  timeoutMs: SHUTDOWN_TIMEOUT_MS,
  stop: async () => {
    await app.close();
    await stopTracing();
    if (config.HEALTH_PORT !== undefined) await health.close();
  },
});
await service.start();
if (config.HEALTH_PORT !== undefined) await health.listen();
await app.listen({ port: config.PORT, host: '0.0.0.0' });
await announceReady(ports.readiness, logger);
