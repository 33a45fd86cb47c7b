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
  DeletedWebhookEndpointModel,
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
  NewWebhookEndpointModel,
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
  WebhookDeliveryDetailModel,
  WebhookDeliveryModel,
  WebhookDeliveryPageModel,
  WebhookEndpointBody,
  WebhookEndpointChangeBody,
  WebhookEndpointListModel,
  WebhookEndpointModel,
} from './schema.js';

/** Every operation of the billing API. Answers keep `data` and `meta`. */
export class Billing {
  constructor(private readonly caller: Caller) {}

  /** Cancel the plan at the end of its current period: `POST /api/v1/billing/plan/cancel` */
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

  /** Capture the held amount or less; the rest is released: `POST /api/v1/billing/authorizations/{authorization_id}/capture` */
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

  /** Change plan. Upgrades apply now, prorated; downgrades at period end: `POST /api/v1/billing/plan/change` */
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

  /** Change a webhook endpoint: its address, its event types, on or off: `PUT /api/v1/billing/webhook-endpoints/{endpoint_id}` */
  changeWebhookEndpoint(
    parameters: { readonly endpoint_id: string } & WebhookEndpointChangeBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: WebhookEndpointModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'PUT',
        path: '/api/v1/billing/webhook-endpoints/{endpoint_id}',
        pathNames: ['endpoint_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Close a lease and return its unspent amount: `POST /api/v1/billing/leases/{lease_id}/close` */
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

  /** Charge the wallet: authorize and capture in one request: `POST /api/v1/billing/charges` */
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

  /** Create a checkout page on which a person subscribes to a plan or upgrades: `POST /api/v1/billing/checkout` */
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

  /** Refund a top-up, in full or up to its unspent amount: `POST /api/v1/billing/refunds` */
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

  /** Start a top-up; returns the address of the checkout page: `POST /api/v1/billing/balance/top-up` */
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

  /** Create a webhook endpoint: an address to which events are sent: `POST /api/v1/billing/webhook-endpoints` */
  createWebhookEndpoint(
    parameters: WebhookEndpointBody,
    options: CallOptions = {},
  ): Promise<{
    readonly data: NewWebhookEndpointModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/webhook-endpoints',
        pathNames: [],
        queryNames: [],
        takesKey: true,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Delete a webhook endpoint: `DELETE /api/v1/billing/webhook-endpoints/{endpoint_id}` */
  deleteWebhookEndpoint(
    parameters: { readonly endpoint_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: DeletedWebhookEndpointModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'DELETE',
        path: '/api/v1/billing/webhook-endpoints/{endpoint_id}',
        pathNames: ['endpoint_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Detach a payment method permanently: `DELETE /api/v1/billing/payment-methods/{payment_method_id}` */
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

  /** Explain a charge: its entries, the credit that paid it, and the proof of both: `GET /api/v1/billing/charges/{charge_id}/explain` */
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

  /** Get the auto-reload policy and its state: `GET /api/v1/billing/credits/auto-reload` */
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

  /** Get the balance of the wallet: `GET /api/v1/billing/balance` */
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

  /** Get a charge: its entry in the books, or its state before it is posted: `GET /api/v1/billing/charges/{charge_id}` */
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

  /** Get the credit note of a refund or a lost dispute as a PDF: `GET /api/v1/billing/credit-notes/{credit_note_id}/pdf` */
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

  /** Get the balance of the wallet: `GET /api/v1/billing/credits` */
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

  /** Get a receipt as a PDF, with its refunds and disputes: `GET /api/v1/billing/invoices/{invoice_id}/pdf` */
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

  /** Get a lease: `GET /api/v1/billing/leases/{lease_id}` */
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

  /** Get the plan of the organization; `data` is null without one: `GET /api/v1/billing/plan` */
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

  /** Get the prices in force: those of the account, replaced by those of the organization: `GET /api/v1/billing/rate-card` */
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

  /** Get a refund: `GET /api/v1/billing/refunds/{refund_id}` */
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

  /** Report whether the organization can send, and which organization the key belongs to: `GET /api/v1/billing/status` */
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

  /** Get a top-up: `GET /api/v1/billing/topups/{topup_id}` */
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

  /** Get the usage of the current period and the allowances of the plan: `GET /api/v1/billing/usage` */
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

  /** Get spend and volume of each channel over the last days: `GET /api/v1/billing/usage-by-channel` */
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

  /** Get usage by day or month, from start_date (inclusive) to end_date (exclusive): `GET /api/v1/billing/usage/history` */
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

  /** Get a delivery with its body and every attempt: `GET /api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}` */
  getWebhookDelivery(
    parameters: { readonly endpoint_id: string; readonly delivery_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: WebhookDeliveryDetailModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}',
        pathNames: ['endpoint_id', 'delivery_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Get a webhook endpoint: `GET /api/v1/billing/webhook-endpoints/{endpoint_id}` */
  getWebhookEndpoint(
    parameters: { readonly endpoint_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: WebhookEndpointModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/webhook-endpoints/{endpoint_id}',
        pathNames: ['endpoint_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** List the credit blocks of the balance, in draw-down order: `GET /api/v1/billing/credits/blocks` */
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

  /** List invoices of the subscription and receipts of top-ups, newest first: `GET /api/v1/billing/invoices` */
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

  /** List leases of the organization, newest first: `GET /api/v1/billing/leases` */
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

  /** List saved payment methods, newest first: `GET /api/v1/billing/payment-methods` */
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

  /** List plans with their features and prices: `GET /api/v1/billing/plans` */
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

  /** List refunds, newest first: `GET /api/v1/billing/refunds` */
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

  /** List the entries of the wallet, newest first; pages are stable under inserts: `GET /api/v1/billing/transactions` */
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

  /** List deliveries to a webhook endpoint, newest first: `GET /api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries` */
  listWebhookDeliveries(
    parameters: {
      readonly endpoint_id: string;
      readonly limit?: number;
      readonly cursor?: string;
      readonly state?: 'pending' | 'delivered' | 'failed' | 'cancelled';
      readonly event_type?: string;
    },
    options: CallOptions = {},
  ): Promise<{
    readonly data: WebhookDeliveryPageModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries',
        pathNames: ['endpoint_id'],
        queryNames: ['limit', 'cursor', 'state', 'event_type'],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** List webhook endpoints, newest first: `GET /api/v1/billing/webhook-endpoints` */
  listWebhookEndpoints(options: CallOptions = {}): Promise<{
    readonly data: WebhookEndpointListModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'GET',
        path: '/api/v1/billing/webhook-endpoints',
        pathNames: [],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      {},
      options,
    );
  }

  /** Open a lease: set an amount aside for one spender, for a limited time: `POST /api/v1/billing/leases` */
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

  /** Start a top-up; returns the address of the checkout page: `POST /api/v1/billing/credits/purchase` */
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

  /** Preview the cost of a charge by price; nothing is charged: `POST /api/v1/billing/rate-card/quote` */
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

  /** Release the whole hold: `POST /api/v1/billing/authorizations/{authorization_id}/release` */
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

  /** Renew an open lease: add money, time, or both: `POST /api/v1/billing/leases/{lease_id}/renew` */
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

  /** Report deliveries of sends; the latest report of a charge counts: `POST /api/v1/billing/delivery-reports` */
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

  /** Send a delivery again, at once and with the same body and event id: `POST /api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/resend` */
  resendWebhookDelivery(
    parameters: { readonly endpoint_id: string; readonly delivery_id: string },
    options: CallOptions = {},
  ): Promise<{
    readonly data: WebhookDeliveryModel;
    readonly meta: MetaModel;
  }> {
    return this.caller.call(
      {
        method: 'POST',
        path: '/api/v1/billing/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/resend',
        pathNames: ['endpoint_id', 'delivery_id'],
        queryNames: [],
        takesKey: false,
        isBytes: false,
      },
      parameters,
      options,
    );
  }

  /** Resume auto-reload after a pause: `POST /api/v1/billing/credits/auto-reload/resume` */
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

  /** Undo the cancellation while the period runs: `POST /api/v1/billing/plan/resume` */
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

  /** Set auto-reload: top up automatically when the balance falls below a threshold: `PUT /api/v1/billing/credits/auto-reload` */
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

  /** Make a payment method the default: `POST /api/v1/billing/payment-methods/{payment_method_id}/default` */
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

  /** Set the prices of the organization as a new version: `PUT /api/v1/billing/rate-card` */
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

  /** Create a page on which a person saves a payment method: `POST /api/v1/billing/payment-methods/setup` */
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

  /** Top up now, with the default payment method: `POST /api/v1/billing/credits/topup` */
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
