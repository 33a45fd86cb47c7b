export {
  ERROR_CATALOGUE,
  OrbitError,
  type ErrorCode,
  type ErrorSpec,
  type ErrorType,
} from './errors.js';
export {
  WALLET_RPC,
  type BlockView,
  type ChargeOutcomeView,
  type GrantCredit,
  type TransactionListQuery,
  type TransactionPage,
  type TransactionView,
  type WalletRef,
  type WalletView,
} from './wallets.contract.js';
export {
  BLOCKS_RPC,
  OUTAGE_POLICY_NAMES,
  type AdjustWallet,
  type BookedView,
  type ConfigureWallet,
  type OutagePolicyName,
  type WalletPoliciesView,
} from './blocks.contract.js';
export {
  AUTO_RELOAD_STATES,
  CHECKOUT_RPC,
  TOPUP_VIEW_STATES,
  type AutoReloadView,
  type ChargeTopUp,
  type ConfigureAutoReload,
  type CreateTopUp,
  type PaymentMethodView,
  type ResolveTopUp,
  type SetupPageRequest,
  type TopUpCreated,
  type TopUpListQuery,
  type TopUpPage,
  type TopUpView,
  type TopUpViewState,
} from './checkout.contract.js';
export { USAGE_RPC, type ChannelUsage } from './usage.contract.js';
export {
  INVOICES_RPC,
  type InvoicePage,
  type InvoicePdf,
  type InvoiceView,
} from './invoices.contract.js';
export {
  BLOCK_REASONS,
  CHARGE_REJECTIONS,
  REFUSALS,
  type BlockReason,
  type ChargeRejection,
  type Refusal,
} from './reasons.js';
export {
  LEASE_RPC,
  LEASE_STATES,
  LEASE_TTL_MS_MAX,
  LEASE_TTL_MS_MIN,
  REFUND_RPC,
  type LeaseAnswer,
  type LeaseListQuery,
  type LeasePage,
  type LeaseRef,
  type LeaseState,
  type LeaseView,
  type OpenLease,
  type RefundReserved,
  type RenewLease,
  type ReserveRefund,
} from './leases.contract.js';
