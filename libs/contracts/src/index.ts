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
export { CHECKOUT_RPC, type CreateTopUp, type TopUpCreated } from './checkout.contract.js';
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
