export { SpendClient, type SpendClientOptions } from './spend-client.js';
export { SPEND_LIMITS, type SpendLimits } from './spend-limits.js';
export { HotBalances } from './hot-balances.js';
export { ChargeBatcher, type BatchProducer } from './charge-batcher.js';
export { createSpendRedis, type SpendRedisOptions } from './spend-redis.js';
export type {
  Authorized,
  AuthorizeResult,
  Captured,
  CaptureRefusal,
  CaptureResult,
  Charged,
  ChargeEvent,
  ChargeIntent,
  ChargePublisher,
  ChargeRequestedValue,
  ChargeResult,
  ClaimedCharge,
  ClaimOutcome,
  ClaimRequest,
  ClaimResult,
  HotBalance,
  HotWallet,
  PublishOptions,
  Refused,
  Released,
  ReleaseRefusal,
  ReleaseResult,
  SettledCharge,
  Settlement,
  UnsettledCharge,
  WalletLoader,
} from './types.js';
