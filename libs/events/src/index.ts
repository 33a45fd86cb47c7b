export {
  LEDGER_PARTITIONS,
  TOPICS,
  USAGE_PARTITIONS,
  type TopicName,
  type TopicSpec,
  type TopicValue,
} from './topics.js';
export {
  CHANNEL_PATTERN,
  CHARGE_ID_PATTERN,
  INSTANT_PATTERN,
  COST_PATTERN,
  METADATA_KEYS_MAX,
  type JsonSchema,
} from './schema.js';
export {
  isByPrice,
  type ChargePosted,
  type ChargePostedEntry,
  type ChargeRejected,
  type ChargeRequested,
  type ChargeRequestedByPrice,
  type Metadata,
} from './charge.events.js';
export type { TopUpCompleted, TopUpFailed } from './topup.events.js';
export type { BalanceAlert, CreditTakenBack, WalletPauseChange } from './wallet.events.js';
export type { RefundCompleted, RefundFailed, RefundPending } from './refund.events.js';
export type { DisputeClosed, DisputeOpened } from './dispute.events.js';
export type { PaymentDiffers } from './payment.events.js';
export type { LedgerSealed, ReconciliationBreached } from './ledger.events.js';
export type {
  AutoReloadDisabled,
  AutoReloadLimited,
  AutoReloadPaused,
  AutoReloadResumed,
} from './auto-reload.events.js';
export type { DeliveryReported } from './delivery.events.js';
export type { CreditWithdrawn } from './withdrawal.events.js';
export type { InvoiceIssued } from './invoice.events.js';
export type { SubscriptionChanged, SubscriptionInvoiced } from './subscription.events.js';
export {
  USAGE_AHEAD_MS,
  USAGE_EVENTS_MAX,
  USAGE_GRACE_MS,
  USAGE_KEY_LENGTH_MAX,
  USAGE_NAME_LENGTH_MAX,
  type IngestedEvent,
  type UsageIngested,
} from './usage.events.js';
export { unheldNumberIn, usageTimeFault } from './usage-rules.js';
