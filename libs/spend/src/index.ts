export { SpendClient, type SpendClientOptions } from './spend-client.js';
export { SPEND_LIMITS, type SpendLimits } from './spend-limits.js';
export { HotBalances, type LoadPermit } from './hot-balances.js';
export {
  AUTHORIZATION_SECRET_LENGTH_MIN,
  AuthorizationIds,
  partIn,
  UNSIGNED_IDS,
  type AuthorizationSecrets,
  type AuthorizedHold,
  type NamedAuthorization,
} from './authorization-ids.js';
export { MemoryTrust } from './memory-trust.js';
export { RpcWalletLoader } from './rpc-wallet-loader.js';
export { UnsettledCaptures, type UnsettledCapturesOptions } from './unsettled-captures.js';
export {
  readChargeState,
  readChargeStates,
  type ChargeState,
  type ChargeStateName,
} from './charge-state.js';
export { readHoldSums, type HoldSums, type WalletName } from './hold-sums.js';
export { ChargeBatcher, type BatchProducer } from './charge-batcher.js';
export { logMended } from './scripts.js';
export { createSpendRedis, type SpendRedisOptions } from './spend-redis.js';
export { RedisFitness, type RedisFitnessOptions } from './redis-fitness.js';
export { reconnectFromUselessServer } from './useless-server.js';
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
  LoadedWallet,
  OutagePolicy,
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
export {
  SpendLease,
  type SpendLeaseOptions,
  type SpendLeaseState,
  type SpendLeaseStatus,
} from './spend-lease.js';
export { leaseMicros } from './spend-lease-amount.js';
export type { LeaseChargeIntent, LeaseChargeResult } from './spend-lease-charges.js';
export {
  HttpLeaseLedger,
  RpcLeaseLedger,
  type HttpLeaseLedgerOptions,
  type LeaseRpc,
} from './spend-lease-ledgers.js';
export type {
  LeaseLedger,
  LeaseMicros,
  LeaseOpening,
  LeaseRenewal,
  LeaseTerms,
} from './spend-lease-ports.js';
