export {
  AccountClockController,
  accountClockFeature,
  accountClockProviders,
} from './account-clock/account-clock.controller.js';
export { DueRegistry, type MoveHook, type ArrivalProbe } from './account-clock/due-registry.js';
export { outboxProbe } from './account-clock/outbox-probe.js';
export {
  StoredAccountClock,
  type ClockQuery,
  type ClockSchema,
} from './account-clock/stored-account-clock.js';
export { parseAddress } from './address.js';
export { BackgroundJobs, WakeUp, type BackgroundJob } from './background-jobs.js';
export {
  ComposedService,
  moduleOfFeatures,
  type ServiceParts,
} from './composition/composed-service.js';
export {
  kafkaConnection,
  postgresConnection,
  prismaConnection,
  type Connection,
} from './composition/connections.js';
export { instances, type Feature } from './composition/feature.js';
export { ConfigurationError, EXIT_CODE_CONFIGURATION, loadConfig, readConfig } from './config.js';
export { isConnectionFailure } from './connection-failure.js';
export { HealthServer, type HealthReport, type HealthServerOptions } from './health-server.js';
export { closeAsConnectionsFallIdle } from './idle-connections.js';
export { createLogger, REDACTED, type LogLevel, type Logger } from './logger.js';
export {
  ownSessions,
  REFUSE_READ_ONLY,
  SESSION_LIMITS,
  type SessionSetting,
} from './postgres/postgres-session.js';
export { misspelt, type Misspelt } from './misspelt.js';
export { NestLogger } from './nest-logger.js';
export { Handles } from './rpc/handles.js';
export { RpcClient, RPC_MESSAGE_SIZE_MAX, type RpcClientOptions } from './rpc/rpc-client.js';
export { callerGateOf, type GateSettings } from './rpc/callers/gate-of.js';
export { RpcIdentity } from './rpc/callers/rpc-identity.js';
export { readRpcTokens, rpcTokenOf } from './rpc/callers/rpc-tokens.js';
export { fromWireError, toWireError, type WireError } from './rpc/rpc-error.js';
export { OrbitRpcFilter } from './rpc/rpc.filter.js';
export { shapeReader, type ReadShape } from './shapes/read-shape.js';
export { currentTrace, underTrace } from './tracing/current-trace.js';
export { inSharedSpan } from './tracing/shared-work.js';
export {
  inSpan,
  isTracing,
  makeSpansWith,
  startSpan,
  type OpenSpan,
  type SpanMaker,
  type SpanOptions,
} from './tracing/spans.js';
export { startTracing } from './tracing/start-tracing.js';
export { readTrace, type TraceHeaders } from './tracing/trace-headers.js';
export { stopOnSignals, type StopOptions } from './shutdown.js';
export {
  startService,
  type MessageStrategy,
  type RunningService,
  type StartServiceOptions,
} from './start-service.js';
export {
  Address,
  Addresses,
  DatabaseUrl,
  HeaderSecret,
  HttpUrl,
  KafkaName,
  LOG_LEVELS,
  OneLine,
  OneOf,
  ORBIT_ENVS,
  ProviderKey,
  ReadableFile,
  RpcTokens,
  RedisUrl,
  Secret,
  SWITCH,
  WholeNumber,
} from './settings.js';
export { inTransaction } from './postgres/postgres-transaction.js';
export {
  makePostgresPool,
  ownPool,
  type OwnPoolOptions,
  type PostgresPoolOptions,
} from './postgres/postgres-pool.js';
