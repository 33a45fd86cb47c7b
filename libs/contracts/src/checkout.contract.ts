import type { TakingReason } from './wallet-ledger/wallets.contract.js';

/** Nest TCP patterns that checkout answers. */
export const CHECKOUT_RPC = {
  /** CreateTopUp → TopUpCreated */
  createTopUp: 'topup.create',
  /** ChargeTopUp → TopUpView; throws payment_method_required, payment_provider_error. */
  chargeTopUp: 'topup.charge',
  /** {organization_id, topup_id} → TopUpView | null */
  readTopUp: 'topup.read',
  /** TopUpListQuery → TopUpPage */
  listTopUps: 'topup.list',
  /** ResolveTopUp → TopUpView; throws topup_not_parked, topup_not_creditable. */
  resolveTopUp: 'topup.resolve',
  /** {organization_id} → PaymentMethodView[] */
  listPaymentMethods: 'payment_methods.list',
  /** {organization_id, payment_method_id} → PaymentMethodView; throws not_found. */
  setDefaultPaymentMethod: 'payment_methods.set_default',
  /** {organization_id, payment_method_id} → PaymentMethodView; throws not_found. */
  detachPaymentMethod: 'payment_methods.detach',
  /** SetupPageRequest → {url} */
  setupPaymentMethod: 'payment_methods.setup',
  /** {organization_id} → AutoReloadView | null when it was never configured. */
  readAutoReload: 'auto_reload.read',
  /** ConfigureAutoReload → AutoReloadView */
  configureAutoReload: 'auto_reload.configure',
  /** {organization_id} → AutoReloadView. Goes on after a pause; changes nothing otherwise. */
  resumeAutoReload: 'auto_reload.resume',
  /** {payload: base64 of the raw body, signature: header} → {received: true}; throws invalid_signature. */
  stripeWebhook: 'stripe.webhook',
} as const;

export interface CreateTopUp {
  readonly organization_id: string;
  /** Minor units of `currency`. */
  readonly amount_minor: number;
  readonly currency: string;
  /** Of a wallet in a custom unit; `currency` is it, or the money to be paid for as many units as it buys. */
  readonly wallet_unit?: string;
  readonly success_url: string;
  readonly cancel_url: string;
  /** 8–255 characters, scoped to the organization, for ever. */
  readonly idempotency_key: string;
}

export interface TopUpCreated {
  readonly topup_id: string;
  readonly checkout_url: string;
  readonly replayed: boolean;
}

/** By the default payment method, without a page. */
export interface ChargeTopUp {
  readonly organization_id: string;
  /** Minor units of `currency`. */
  readonly amount_minor: number;
  readonly currency: string;
  /** Of a wallet in a custom unit; `currency` is it, or the money to be paid for as many units as it buys. */
  readonly wallet_unit?: string;
  /** Where an authentication returns to. */
  readonly return_url?: string;
  readonly idempotency_key: string;
}

export const TOPUP_VIEW_STATES = [
  'created',
  'requires_payment',
  'requires_action',
  'processing',
  'failed',
  'expired',
  'parked',
  'dismissed',
  'succeeded',
  'refunded_partially',
  'refunded',
  'disputed',
] as const;
export type TopUpViewState = (typeof TOPUP_VIEW_STATES)[number];

export interface TopUpView {
  readonly topup_id: string;
  readonly organization_id: string;
  readonly kind: 'hosted' | 'off_session' | 'auto_reload';
  readonly state: TopUpViewState;
  /** Why it failed, expired or was parked; the decline code of a declined card. */
  readonly reason: string | null;
  /** Amount credited to the wallet; `currency` is its unit. */
  readonly amount_minor: number;
  readonly amount: string;
  readonly currency: string;
  /** Amount requested at Stripe. */
  readonly payment_minor: number;
  readonly payment_currency: string;
  /** Received amount; it differs from the requested one when the top-up is parked. */
  readonly received_minor: number | null;
  readonly received_currency: string | null;
  /** Parked, and what came can be credited to this wallet. */
  readonly is_creditable: boolean;
  readonly payment_intent_id: string | null;
  readonly checkout_session_id: string | null;
  /** As the transaction of the ledger carries it. */
  readonly reference: string | null;
  /** Where the payer finishes an authentication. */
  readonly action_url: string | null;
  readonly created_at: string;
  readonly replayed: boolean;
}

export interface TopUpListQuery {
  /** Absent: of all organizations, for operators. */
  readonly organization_id?: string;
  readonly state?: string;
  readonly limit: number;
  readonly after_id?: string;
}

export interface TopUpPage {
  readonly topups: readonly TopUpView[];
  readonly has_more: boolean;
}

export interface ResolveTopUp {
  readonly topup_id: string;
  readonly action: 'credit_received' | 'dismiss';
  readonly reason: string;
}

export interface PaymentMethodView {
  readonly id: string;
  readonly type: string;
  readonly brand: string | null;
  readonly last4: string | null;
  readonly exp_month: number | null;
  readonly exp_year: number | null;
  readonly is_default: boolean;
  readonly created_at: string;
}

export interface SetupPageRequest {
  readonly organization_id: string;
  readonly currency: string;
  readonly success_url: string;
  readonly cancel_url: string;
}

/** Minor units of the wallet's currency. What is absent stays as it is; null takes a limit away, or brings its default back. */
export interface ConfigureAutoReload {
  readonly organization_id: string;
  readonly currency: string;
  readonly enabled: boolean;
  readonly threshold?: number;
  readonly amount?: number;
  readonly target?: number | null;
  /** Of one payment; null: one step, or the target. */
  readonly max_amount_per_payment?: number | null;
  readonly max_reloads_per_day?: number | null;
  readonly max_reloads_per_month?: number | null;
  /** Null: ten of the largest payments. */
  readonly max_amount_per_day?: number | null;
  readonly max_amount_per_month?: number | null;
}

export const AUTO_RELOAD_STATES = [
  'off',
  'armed',
  'charging',
  'requires_action',
  'retrying',
  'capped',
  'paused',
  'disabled',
] as const;

export interface AutoReloadView {
  readonly enabled: boolean;
  readonly threshold: number | null;
  readonly amount: number | null;
  readonly target: number | null;
  /** As it holds, whether it was named or not; so is `max_amount_per_day`. */
  readonly max_amount_per_payment: number | null;
  readonly max_reloads_per_day: number | null;
  readonly max_reloads_per_month: number | null;
  readonly max_amount_per_day: number | null;
  readonly max_amount_per_month: number | null;
  /** `disabled`: it turned itself off; `off`: somebody did; `paused`: money was taken back, until somebody goes on. */
  readonly state: (typeof AUTO_RELOAD_STATES)[number];
  /** Kind of withdrawal that paused auto-reload; null while it is not paused. */
  readonly paused_reason: TakingReason | null;
  readonly paused_at: string | null;
  /** Failures in a row. */
  readonly declines: number;
  readonly last_error: string | null;
  readonly last_error_at: string | null;
  /** Where the payer authenticates the payment that waits for it. */
  readonly action_url: string | null;
  /** When a payment is possible again, after a decline or a cap. */
  readonly next_attempt_at: string | null;
  readonly updated_at: string | null;
}
