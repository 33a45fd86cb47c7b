export { SpendClient, type SpendClientOptions } from './client/spend-client.js';
export { SPEND_LIMITS, type SpendLimits } from './spend-limits.js';
export { HotBalances, type LoadPermit } from './ledger-side/hot-balances.js';
export {
  AUTHORIZATION_SECRET_LENGTH_MIN,
  AuthorizationIds,
  partIn,
  UNSIGNED_IDS,
  type AuthorizationSecrets,
  type AuthorizedHold,
  type NamedAuthorization,
} from './client/authorization-ids.js';
export { MemoryTrust } from './ledger-side/memory-trust.js';
export { RpcWalletLoader } from './client/rpc-wallet-loader.js';
export {
  UnsettledCaptures,
  type UnsettledCapturesOptions,
} from './ledger-side/unsettled-captures.js';
export {
  readChargeState,
  readChargeStates,
  type ChargeState,
  type ChargeStateName,
} from './ledger-side/charge-state.js';
export { countHolds, type HoldCounts } from './ledger-side/hold-counts.js';
export { readHoldSums, type HoldSums, type WalletName } from './ledger-side/hold-sums.js';
export { ChargeBatcher, type BatchProducer } from './client/charge-batcher.js';
export { logRepairs } from './redis/scripts.js';
export { createSpendRedis, redisTls, type SpendRedisOptions } from './fitness/spend-redis.js';
export { RedisFitness, type RedisFitnessOptions } from './fitness/redis-fitness.js';
export { reconnectFromUselessServer } from './fitness/useless-server.js';
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
  PostedCharge,
  Settlement,
  UnsettledCharge,
  WalletLoader,
} from './types.js';
export {
  SpendLease,
  type SpendLeaseOptions,
  type SpendLeaseState,
  type SpendLeaseStatus,
} from './lease/spend-lease.js';
export { leaseMicros } from './lease/spend-lease-amount.js';
export type {
  LeaseChargeIntent,
  LeaseChargeResult,
  LeasePricedIntent,
} from './lease/spend-lease-charges.js';
export {
  HttpLeaseLedger,
  RpcLeaseLedger,
  type HttpLeaseLedgerOptions,
  type LeaseRpc,
} from './lease/spend-lease-ledgers.js';
export type {
  LeaseLedger,
  LeaseMicros,
  LeaseOpening,
  LeaseRenewal,
  LeaseTerms,
} from './lease/spend-lease-ports.js';
export { CardMemory, RpcCardSource, type CardSource } from './prices/card-memory.js';
export type { Priced, PricedIntent } from './prices/priced-intents.js';
