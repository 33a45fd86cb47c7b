export {
  ERROR_CATALOGUE,
  OrbitError,
  type ErrorCode,
  type ErrorDetails,
  type ErrorSpec,
  type ErrorType,
} from './errors.js';
export { unknownCursor } from './unknown-cursor.js';
export {
  amountOf,
  costText,
  isSamePricing,
  priceTagOf,
  rateAsk,
  ratedAsFirst,
  type KnownCharge,
  type PriceAsk,
  type RatedAsk,
  type ReadyCard,
} from './rates/charge-rating.js';
export * from './rates/rate-card.contract.js';
export * from './account-clock.contract.js';
export * from './rpc-callers.js';
export * from './orb.contract.js';
export { BLOCKS_RPC, WALLET_RPC } from './wallet-ledger/names.js';
export * from './wallet-ledger/balance-steps.contract.js';
export * from './wallet-ledger/balances-at.contract.js';
export * from './wallet-ledger/blocks.contract.js';
export * from './wallet-ledger/corrections.contract.js';
export * from './wallet-ledger/credit-draws.contract.js';
export * from './wallet-ledger/credit-sales.contract.js';
export * from './wallet-ledger/explain.contract.js';
export * from './wallet-ledger/grant-schedules.contract.js';
export * from './wallet-ledger/leases.contract.js';
export * from './wallet-ledger/ledger-health.contract.js';
export * from './wallet-ledger/margin.contract.js';
export * from './wallet-ledger/payment-entries.contract.js';
export * from './wallet-ledger/refund-reserves.contract.js';
export * from './wallet-ledger/transaction.shape.js';
export * from './invoicing/webhook-endpoints.contract.js';
export * from './wallet-ledger/transactions.contract.js';
export * from './wallet-ledger/wallets.contract.js';
export {
  namesOf,
  rpcClient,
  type Client,
  type Contract,
  type Operation,
  type Transport,
} from './schema/operation.js';
export type { Fields, Shape, Static } from './schema/shape.js';
export * as shapes from './schema/shape.js';
export { FORMATS, isHttpUrl, toInstant } from './schema/formats.js';
export { NAME_SAYS, VISIBLE_NAME } from './schema/visible-name.js';
export { IDEMPOTENCY_KEY_PATTERN, PAYMENT_MINOR_MAX } from './checkout/fields.js';
export * from './checkout/auto-reload.contract.js';
export * from './checkout/invoice-payments.contract.js';
export * from './checkout/payment-methods.contract.js';
export * from './checkout/reconciliation.contract.js';
export * from './checkout/refunds.contract.js';
export * from './checkout/stripe-webhooks.contract.js';
export * from './checkout/top-ups.contract.js';
export * from './invoicing/documents.contract.js';
export * from './invoicing/invoices.contract.js';
export * from './invoicing/tax-rates.contract.js';
export {
  BLOCK_REASONS,
  CHARGE_REJECTIONS,
  OUTAGE_POLICY_NAMES,
  REFUSALS,
  type BlockReason,
  type ChargeRejection,
  type OutagePolicyName,
  type Refusal,
} from './reasons.js';
export * from './checkout/plan-checkout.contract.js';
export * from './invoicing/plans.contract.js';
export * from './usage-metering/channel-usage.contract.js';
export * from './usage-metering/delivery-reports.contract.js';
export * from './usage-metering/usage-period.contract.js';
export { SUBSCRIPTION_RPC } from './invoicing/names.js';
export * from './usage-metering/metered-usage.contract.js';
export * from './usage-metering/usage-ingest.contract.js';
