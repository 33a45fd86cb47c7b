// Made by `npm run generate` from the OpenAPI document; do not edit.

import type { Caller, CallOptions } from './http.js';
import type {
  AcceptedModel,
  AuthorizationBody,
  AuthorizationModel,
  AutoReloadBody,
  AutoReloadTermsModel,
  BalanceModel,
  CaptureBody,
  ChangePlanBody,
  ChannelUsageModel,
  ChargeBody,
  ChargeModel,
  CreateRefundBody,
  CreditBlockPageModel,
  CurrentPlanModel,
  DeliveryReportsBody,
  DetachedPaymentMethodModel,
  EndedAuthorizationModel,
  ExplanationModel,
  InvoiceModel,
  LeaseBody,
  LeaseModel,
  LeasePageModel,
  LeaseRenewalBody,
  MetaModel,
  OfferedPlanModel,
  PaginationModel,
  PaymentMethodModel,
  PeriodUsageModel,
  PlanCheckoutBody,
  PlanCheckoutModel,
  PutRateCardBody,
  PutRateCardModel,
  QuoteBody,
  QuoteModel,
  RateCardModel,
  RefundModel,
  SetupPageModel,
  SetupPaymentMethodBody,
  StatusModel,
  TopUpBody,
  TopUpModel,
  TopUpNowBody,
  TopUpNowModel,
  TopUpStateModel,
  TransactionPageModel,
  UsageBucketModel,
} from './schema.js';

/** Every operation of the billing API. Answers keep `data` and `meta`. */
export class Billing {
  constructor(private readonly caller: Caller) {}

  /** End the plan with its current period: `POST /api/v1/billing/plan/cancel` */
  cancelPlan(options: CallOptions = {}): Promise<{
    readonly data: CurrentPlanModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/plan/cancel',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** Charge what was held, or less; the rest is free again: `POST /api/v1/billing/authorizations/{authorization_id}/capture` */
  captureAuthorization(
    parameters: { readonly authorization_id: string } & CaptureBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: EndedAuthorizationModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/authorizations/{authorization_id}/capture',
        pathNames: ['authorization_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** A dearer plan at once, the difference paid; a cheaper one next period: `POST /api/v1/billing/plan/change` */
  changePlan(
    parameters: ChangePlanBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: CurrentPlanModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/plan/change',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** End a lease whose charges are all sent; what is unspent comes back: `POST /api/v1/billing/leases/{lease_id}/close` */
  closeLease(
    parameters: { readonly lease_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: LeaseModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/leases/{lease_id}/close',
        pathNames: ['lease_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Hold an amount until it is captured, released or expires: `POST /api/v1/billing/authorizations` */
  createAuthorization(
    parameters: AuthorizationBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: AuthorizationModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/authorizations',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Charge the wallet: authorize and capture at once: `POST /api/v1/billing/charges` */
  createCharge(
    parameters: { readonly wait?: 'posted' } & ChargeBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: ChargeModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/charges',
        pathNames: [],
        queryNames: ['wait'],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Answers the page at which a person subscribes to a plan, or moves to a dearer one: `POST /api/v1/billing/checkout` */
  createCheckout(
    parameters: PlanCheckoutBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: PlanCheckoutModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/checkout',
        pathNames: [],
        queryNames: [],
        takesKey: true,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Pay a top-up back, or what is unspent of it: `POST /api/v1/billing/refunds` */
  createRefund(
    parameters: CreateRefundBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: RefundModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/refunds',
        pathNames: [],
        queryNames: [],
        takesKey: true,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Start a top-up: answers the page at which a person pays: `POST /api/v1/billing/balance/top-up` */
  createTopUp(
    parameters: TopUpBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: TopUpModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/balance/top-up',
        pathNames: [],
        queryNames: [],
        takesKey: true,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Forget a payment method, for good: `DELETE /api/v1/billing/payment-methods/{payment_method_id}` */
  detachPaymentMethod(
    parameters: { readonly payment_method_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: DetachedPaymentMethodModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'DELETE',
        path: '/api/v1/billing/payment-methods/{payment_method_id}',
        pathNames: ['payment_method_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** A charge down to its entries, its credit and the proof of both: `GET /api/v1/billing/charges/{charge_id}/explain` */
  explainCharge(
    parameters: { readonly charge_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: ExplanationModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/charges/{charge_id}/explain',
        pathNames: ['charge_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** The terms of auto-reload, and how it stands: `GET /api/v1/billing/credits/auto-reload` */
  getAutoReload(options: CallOptions = {}): Promise<{
    readonly data: AutoReloadTermsModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/credits/auto-reload',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** The balance of the wallet: `GET /api/v1/billing/balance` */
  getBalance(options: CallOptions = {}): Promise<{
    readonly data: BalanceModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/balance',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** What the books say of a charge, or how far it is on its way there: `GET /api/v1/billing/charges/{charge_id}` */
  getCharge(
    parameters: { readonly charge_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: ChargeModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/charges/{charge_id}',
        pathNames: ['charge_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** The credit note of a refund or a lost dispute as a PDF: `GET /api/v1/billing/credit-notes/{credit_note_id}/pdf` */
  getCreditNotePdf(
    parameters: { readonly credit_note_id: string },
    options: CallOptions = {},
  ): Promise<Uint8Array> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/credit-notes/{credit_note_id}/pdf',
        pathNames: ['credit_note_id'],
        queryNames: [],
        takesKey: false,
        isBytes: true,
      },
      parameters,
      options,
    );
  }

  /** The balance of the wallet: `GET /api/v1/billing/credits` */
  getCredits(options: CallOptions = {}): Promise<{
    readonly data: BalanceModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/credits',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** The receipt as a PDF, with refunds and disputes since: `GET /api/v1/billing/invoices/{invoice_id}/pdf` */
  getInvoicePdf(
    parameters: { readonly invoice_id: string },
    options: CallOptions = {},
  ): Promise<Uint8Array> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/invoices/{invoice_id}/pdf',
        pathNames: ['invoice_id'],
        queryNames: [],
        takesKey: false,
        isBytes: true,
      },
      parameters,
      options,
    );
  }

  /** One lease: `GET /api/v1/billing/leases/{lease_id}` */
  getLease(
    parameters: { readonly lease_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: LeaseModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/leases/{lease_id}',
        pathNames: ['lease_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** The plan of the organization; `data` is null without one: `GET /api/v1/billing/plan` */
  getPlan(options: CallOptions = {}): Promise<{
    readonly data: CurrentPlanModel | null;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/plan',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** The prices in force: the account’s, with the organization’s own: `GET /api/v1/billing/rate-card` */
  getRateCard(options: CallOptions = {}): Promise<{
    readonly data: RateCardModel | null;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/rate-card',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** How a refund stands: `GET /api/v1/billing/refunds/{refund_id}` */
  getRefund(
    parameters: { readonly refund_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: RefundModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/refunds/{refund_id}',
        pathNames: ['refund_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Whether this organization can send, and on whose behalf the key acts: `GET /api/v1/billing/status` */
  getStatus(options: CallOptions = {}): Promise<{
    readonly data: StatusModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/status',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** How a top-up stands: `GET /api/v1/billing/topups/{topup_id}` */
  getTopUp(
    parameters: { readonly topup_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: TopUpStateModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/topups/{topup_id}',
        pathNames: ['topup_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Usage of the current period, and what the plan includes: `GET /api/v1/billing/usage` */
  getUsage(options: CallOptions = {}): Promise<{
    readonly data: PeriodUsageModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/usage',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** Spend and volume of each channel over the last days: `GET /api/v1/billing/usage-by-channel` */
  getUsageByChannel(
    parameters: { readonly days?: number } = {},
    options: CallOptions = {},
  ): Promise<{
    readonly data: readonly ChannelUsageModel[];
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/usage-by-channel',
        pathNames: [],
        queryNames: ['days'],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Usage by day or month from start_date up to, not including, end_date: `GET /api/v1/billing/usage/history` */
  getUsageHistory(
    parameters: {
      readonly start_date: string;
      readonly end_date: string;
      readonly granularity?: 'day' | 'month';
    },
    options: CallOptions = {},
  ): Promise<{
    readonly data: readonly UsageBucketModel[];
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/usage/history',
        pathNames: [],
        queryNames: ['start_date', 'end_date', 'granularity'],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** The credit blocks that the balance is made of, in the order of use: `GET /api/v1/billing/credits/blocks` */
  listCreditBlocks(
    parameters: {
      readonly currency?: string;
      readonly include?: 'open' | 'all';
      readonly limit?: number;
      readonly cursor?: string;
    } = {},
    options: CallOptions = {},
  ): Promise<{
    readonly data: CreditBlockPageModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/credits/blocks',
        pathNames: [],
        queryNames: ['currency', 'include', 'limit', 'cursor'],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Invoices of the subscription and receipts of top-ups, newest first: `GET /api/v1/billing/invoices` */
  listInvoices(
    parameters: { readonly limit?: number; readonly cursor?: string } = {},
    options: CallOptions = {},
  ): Promise<{
    readonly data: readonly InvoiceModel[];
    readonly meta: MetaModel & {
      readonly pagination?: PaginationModel;
    };
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/invoices',
        pathNames: [],
        queryNames: ['limit', 'cursor'],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Leases of this organization, newest first: `GET /api/v1/billing/leases` */
  listLeases(
    parameters: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly state?: 'open' | 'closing' | 'closed';
    } = {},
    options: CallOptions = {},
  ): Promise<{
    readonly data: LeasePageModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/leases',
        pathNames: [],
        queryNames: ['limit', 'cursor', 'state'],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Saved payment methods, newest first: `GET /api/v1/billing/payment-methods` */
  listPaymentMethods(options: CallOptions = {}): Promise<{
    readonly data: readonly PaymentMethodModel[];
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/payment-methods',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** All plans with their features and prices: `GET /api/v1/billing/plans` */
  listPlans(options: CallOptions = {}): Promise<{
    readonly data: readonly OfferedPlanModel[];
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/plans',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** Refunds, newest first: `GET /api/v1/billing/refunds` */
  listRefunds(
    parameters: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly topup_id?: string;
    } = {},
    options: CallOptions = {},
  ): Promise<{
    readonly data: readonly RefundModel[];
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/refunds',
        pathNames: [],
        queryNames: ['limit', 'cursor', 'topup_id'],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** The entries of the wallet, newest first; pages are stable under inserts: `GET /api/v1/billing/transactions` */
  listTransactions(
    parameters: {
      readonly limit?: number;
      readonly cursor?: string;
      readonly cursor_ts?: string;
      readonly cursor_id?: string;
      readonly type?:
        | 'topup'
        | 'spend'
        | 'refund'
        | 'reversal'
        | 'adjustment'
        | 'grant'
        | 'expiry'
        | 'dispute'
        | 'fee'
        | 'extension'
        | 'amendment'
        | 'void'
        | 'reopen'
        | 'transfer';
      readonly channel?: string;
      readonly from?: string;
      readonly to?: string;
    } = {},
    options: CallOptions = {},
  ): Promise<{
    readonly data: TransactionPageModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/transactions',
        pathNames: [],
        queryNames: ['limit', 'cursor', 'cursor_ts', 'cursor_id', 'type', 'channel', 'from', 'to'],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Set an amount aside for one spender, for a time: `POST /api/v1/billing/leases` */
  openLease(
    parameters: LeaseBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: LeaseModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/leases',
        pathNames: [],
        queryNames: [],
        takesKey: true,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Start a top-up: answers the page at which a person pays: `POST /api/v1/billing/credits/purchase` */
  purchaseCredits(
    parameters: TopUpBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: TopUpModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/credits/purchase',
        pathNames: [],
        queryNames: [],
        takesKey: true,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** What a charge by a price would cost; nothing is charged: `POST /api/v1/billing/rate-card/quote` */
  quoteRateCard(
    parameters: QuoteBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: QuoteModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/rate-card/quote',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Give the whole hold back: `POST /api/v1/billing/authorizations/{authorization_id}/release` */
  releaseAuthorization(
    parameters: { readonly authorization_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: EndedAuthorizationModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/authorizations/{authorization_id}/release',
        pathNames: ['authorization_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Give an open lease more money, more time, or both: `POST /api/v1/billing/leases/{lease_id}/renew` */
  renewLease(
    parameters: { readonly lease_id: string } & LeaseRenewalBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: LeaseModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/leases/{lease_id}/renew',
        pathNames: ['lease_id'],
        queryNames: [],
        takesKey: true,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Report what became of sends; the latest report of a charge counts: `POST /api/v1/billing/delivery-reports` */
  reportDeliveries(
    parameters: DeliveryReportsBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: AcceptedModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/delivery-reports',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Go on with auto-reload after a pause: `POST /api/v1/billing/credits/auto-reload/resume` */
  resumeAutoReload(options: CallOptions = {}): Promise<{
    readonly data: AutoReloadTermsModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/credits/auto-reload/resume',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** Take the cancellation back while the period runs: `POST /api/v1/billing/plan/resume` */
  resumePlan(options: CallOptions = {}): Promise<{
    readonly data: CurrentPlanModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/plan/resume',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** Top up by itself when the balance falls below a threshold: `PUT /api/v1/billing/credits/auto-reload` */
  setAutoReload(
    parameters: AutoReloadBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: AutoReloadTermsModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'PUT',
        path: '/api/v1/billing/credits/auto-reload',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Charge this one from now on: `POST /api/v1/billing/payment-methods/{payment_method_id}/default` */
  setDefaultPaymentMethod(
    parameters: { readonly payment_method_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: PaymentMethodModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/payment-methods/{payment_method_id}/default',
        pathNames: ['payment_method_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Put the organization’s own prices, as a new version: `PUT /api/v1/billing/rate-card` */
  setRateCard(
    parameters: PutRateCardBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: PutRateCardModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'PUT',
        path: '/api/v1/billing/rate-card',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Answers the page at which a person saves a payment method: `POST /api/v1/billing/payment-methods/setup` */
  setupPaymentMethod(
    parameters: SetupPaymentMethodBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: SetupPageModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/payment-methods/setup',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Top up at once, by the default payment method: `POST /api/v1/billing/credits/topup` */
  topUpCredits(
    parameters: TopUpNowBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: TopUpNowModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/credits/topup',
        pathNames: [],
        queryNames: [],
        takesKey: true,
        isBytes: false,
      },
      parameters,
      options,
    );
  }
}
