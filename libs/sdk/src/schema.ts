// Made by `npm run generate` from the OpenAPI document; do not edit.

export interface ErrorModel {
  /** The coarse class, for a switch. */
  readonly type:
    | 'invalid_request_error'
    | 'authentication_error'
    | 'permission_error'
    | 'not_found_error'
    | 'conflict_error'
    | 'payment_required_error'
    | 'rate_limit_error'
    | 'unavailable_error'
    | 'internal_error';
  /** The precise reason. */
  readonly code:
    | 'malformed_json'
    | 'malformed_request'
    | 'invalid_field'
    | 'unknown_field'
    | 'unsupported_currency'
    | 'invalid_signature'
    | 'request_timeout'
    | 'headers_too_large'
    | 'body_too_large'
    | 'unsupported_media_type'
    | 'missing_api_key'
    | 'invalid_api_key'
    | 'test_key'
    | 'origin_not_allowed'
    | 'forbidden'
    | 'not_found'
    | 'unknown_route'
    | 'method_not_allowed'
    | 'idempotency_key_conflict'
    | 'idempotency_key_in_use'
    | 'conflict'
    | 'charge_id_conflict'
    | 'authorization_captured'
    | 'authorization_released'
    | 'hold_expired'
    | 'capture_exceeds_hold'
    | 'insufficient_funds'
    | 'outbound_paused'
    | 'refund_exceeds_unspent'
    | 'payment_declined'
    | 'payment_action_required'
    | 'payment_method_required'
    | 'topup_not_parked'
    | 'topup_not_creditable'
    | 'rate_limited'
    | 'payment_provider_error'
    | 'unavailable'
    | 'timeout'
    | 'internal';
  /** One sentence for a person. */
  readonly message: string;
  /** The field at fault. */
  readonly param?: string;
  /** What a program needs to go on, by error code. */
  readonly details?: Readonly<Record<string, string | null | number>>;
}

export interface MetaModel {
  readonly request_id: string;
  readonly timestamp: string;
}

export interface ErrorEnvelopeModel {
  readonly error: ErrorModel;
  readonly meta: MetaModel;
}

export interface PricedModel {
  readonly price: string;
  /** Of the account’s card and of the organization’s. */
  readonly card_version: string;
  readonly quantities: Readonly<Record<string, string>>;
  /** Exact; `amount` is whole micros of it. */
  readonly rated: string;
  readonly formula: string;
}

export interface FromPlanModel {
  readonly unit: 'messages' | 'voice_minutes' | 'agent_invocations';
  readonly quantity: number;
}

export interface SliceModel {
  readonly block_id: string;
  readonly amount: string;
}

export interface ChargeModel {
  /** Of a charge that named a price. */
  readonly price?: PricedModel;
  readonly charge_id: string;
  readonly status: 'accepted' | 'posted' | 'rejected';
  readonly amount: string;
  readonly currency: string;
  /** What the plan includes of it. `amount` is the rest, or, when there is none, the units. */
  readonly from_plan?: FromPlanModel;
  /** Accepted charges. */
  readonly authorization_id?: string;
  /** Accepted charges: left to spend. */
  readonly available_after?: string;
  /** Decided charges. */
  readonly reason?: string | null;
  /** Decided charges: of the books, where credit counts that begins only later. */
  readonly balance_after?: string | null;
  readonly balance_after_cents?: number | null;
  readonly sequence?: string | null;
  /** The credit blocks that paid. */
  readonly slices?: readonly SliceModel[];
}

export interface ChargeBody {
  /** Made by you; names this one charge for ever. `~plan` may not be in it. */
  readonly charge_id: string;
  /** Decimal string above zero, at most six decimals, at most 9007199254.740992. Required, with currency and channel, unless `price` is named, from which all three follow. */
  readonly amount?: string;
  readonly currency?: string;
  readonly channel?: string;
  /** A price of the rate card. */
  readonly price?: string;
  /** By dimension, of a price that has some; whole numbers or decimal strings. */
  readonly quantities?: Readonly<Record<string, string | number>>;
  readonly quantity?: number;
  /** Flat; at most 50 keys and 8 KiB. A number that a double does not keep, such as 9007199254740993, is refused: send it as a string. */
  readonly metadata?: Readonly<Record<string, string | null | number | boolean>>;
}

export interface ExplainedRequestModel {
  readonly charge_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly channel: string | null;
  readonly quantity: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly occurred_at: string | null;
}

export interface RatingModel {
  /** Its name on the rate card. */
  readonly price_id: string;
  readonly price_version: string;
  readonly quantities: Readonly<Record<string, string>>;
  readonly formula: string;
  /** Before the one rounding. */
  readonly unrounded_amount: string;
}

export interface ExplainedAuthorizationModel {
  /** The hold that covered it. Null: a lease paid it, or it came without a hold. */
  readonly authorization_id: string | null;
  /** The lease that paid it. A charge that its lease did not cover has none. */
  readonly lease_id: string | null;
}

export interface ExplainedPlanModel {
  readonly plan_id: string;
  readonly subscription_id: string;
  readonly unit: string;
  /** What the plan paid, in its unit. */
  readonly amount: string;
  /** The charge that booked this part beside the one of money; explain it as any other. Null: this very charge. */
  readonly charge_id: string | null;
}

export interface BlockOriginModel {
  readonly entry_id: string;
  readonly type: string;
  readonly reference: string;
  readonly amount: string;
  readonly booked_at: string;
}

export interface ExplainedBlockModel {
  readonly kind: 'paid' | 'promotional';
  readonly priority: number;
  readonly expires_at: string | null;
  /** The entry that brought the credit in. */
  readonly origin: BlockOriginModel;
  /** Null where that would take reading very many entries. */
  readonly remaining_before: string | null;
  readonly remaining_after: string | null;
}

export interface ExplainedSliceModel {
  /** Null: the overdraft carried it. */
  readonly block_id: string | null;
  readonly amount: string;
  readonly block: ExplainedBlockModel | null;
}

export interface MerkleStepModel {
  readonly side: 'left' | 'right';
  readonly hash: string;
}

export interface SealRangeModel {
  readonly first_sequence: string;
  readonly last_sequence: string;
  readonly digest: string;
  /** From the chain hash to the digest. */
  readonly path: readonly MerkleStepModel[];
}

export interface SealRootModel {
  readonly root_no: string;
  /** As published in `ledger.sealed`. */
  readonly root: string;
  /** The text whose SHA-256 is `root`. */
  readonly canonical: string;
  readonly merkle_root: string;
  /** From the digest to the Merkle root. */
  readonly path: readonly MerkleStepModel[];
  readonly sealed_at: string;
}

export interface EntrySealModel {
  /** Sealed within seconds of its booking. */
  readonly status: 'pending' | 'sealed';
  /** The text that stands for the entry. */
  readonly canonical?: string;
  readonly previous_hash?: string;
  /** SHA-256 of `previous_hash`, a line feed and `canonical`. */
  readonly chain_hash?: string;
  readonly seal?: SealRangeModel;
  readonly root?: SealRootModel;
}

export interface ExplainedEntryModel {
  readonly id: string;
  readonly sequence: string;
  readonly type: string;
  readonly from_account: string;
  readonly to_account: string;
  readonly amount: string;
  readonly balance_before: string;
  readonly balance_after: string;
  readonly block_id: string | null;
  readonly reference: string;
  readonly booked_at: string;
  readonly seal: EntrySealModel;
}

export interface ExplainedReversalModel {
  /** As the operator named it. */
  readonly reference: string;
  readonly amount: string;
  /** Of its first entry. */
  readonly sequence: string;
  /** What came back, and what of it left again at once because its block was over (`expiry`, `void`). */
  readonly entries: readonly ExplainedEntryModel[];
  readonly booked_at: string;
}

export interface ExplanationModel {
  readonly charge_id: string;
  readonly wallet_id: string | null;
  readonly status: 'posted' | 'rejected' | 'accepted' | 'authorized' | 'released' | 'expired';
  /** Why it was rejected. */
  readonly reason: string | null;
  /** What was asked for. */
  readonly request: ExplainedRequestModel;
  /** How a price became the amount. Null: the caller sent the amount, as with every charge today. */
  readonly rating: RatingModel | null;
  readonly authorization: ExplainedAuthorizationModel;
  /** What a plan paid of it, from what it includes; null: no plan did. */
  readonly plan: ExplainedPlanModel | null;
  /** The credit that paid it. */
  readonly slices: readonly ExplainedSliceModel[];
  readonly entries: readonly ExplainedEntryModel[];
  readonly balance_before: string | null;
  readonly balance_after: string | null;
  readonly decided_at: string | null;
  /** What an operator gave back of it, in the order of booking; what a plan paid of it is reversed under its own charge. */
  readonly reversals: readonly ExplainedReversalModel[];
}

export interface AuthorizationModel {
  /** Of a charge that named a price. */
  readonly price?: PricedModel;
  readonly authorization_id: string;
  readonly charge_id: string;
  readonly amount: string;
  /** The unit of the allowance when a plan pays it all. */
  readonly currency: string;
  /** What the plan includes of it. `amount` is the rest, or, when there is none, the units. */
  readonly from_plan?: FromPlanModel;
  /** Left to spend after this hold. */
  readonly available_after: string;
  readonly expires_at: string;
}

export interface AuthorizationBody {
  /** Made by you; names this one charge for ever. `~plan` may not be in it. */
  readonly charge_id: string;
  /** Decimal string above zero, at most six decimals, at most 9007199254.740992. Required, with currency and channel, unless `price` is named, from which all three follow. */
  readonly amount?: string;
  readonly currency?: string;
  readonly channel?: string;
  /** A price of the rate card. */
  readonly price?: string;
  /** By dimension, of a price that has some; whole numbers or decimal strings. */
  readonly quantities?: Readonly<Record<string, string | number>>;
  readonly quantity?: number;
  /** Flat; at most 50 keys and 8 KiB. A number that a double does not keep, such as 9007199254740993, is refused: send it as a string. */
  readonly metadata?: Readonly<Record<string, string | null | number | boolean>>;
  readonly ttl_seconds?: number;
}

export interface EndedAuthorizationModel {
  readonly authorization_id: string;
  readonly charge_id: string;
  /** What was held. */
  readonly amount: string;
  /** The unit of the allowance when a plan pays it all. */
  readonly currency: string;
  /** What will be posted. */
  readonly captured: string;
  /** What is free again. */
  readonly released: string;
  readonly status: 'captured' | 'released';
}

export interface CaptureBody {
  /** At most the hold, which is the default. Usage counts the whole `quantity` that was authorized, whatever part of the amount is captured: authorize one by one what may be captured one by one. With a plan this holds for its part and for the rest, each on its own. */
  readonly amount?: string;
}

export interface LeaseModel {
  readonly lease_id: string;
  /** `closing`: the ledger is still reading charges that were sent before. */
  readonly state: 'open' | 'closing' | 'closed';
  readonly holder: string | null;
  readonly currency: string;
  /** Set aside in all: spent + remaining + returned. */
  readonly granted: string;
  /** Posted. */
  readonly spent: string;
  /** Held by the lease; nobody else can spend it. */
  readonly remaining: string;
  /** What came back when the lease was closed. */
  readonly returned: string;
  readonly opened_at: string;
  readonly expires_at: string;
  readonly closed_at: string | null;
}

export interface LeaseBody {
  /** Set aside for this lease alone; a decimal string. */
  readonly amount: string;
  /** The wallet's currency; its default. */
  readonly currency?: string;
  /** What is unspent comes back by itself when this time is over. */
  readonly ttl_seconds: number;
  /** Who spends it; for people. */
  readonly holder?: string;
}

export interface LeasePageModel {
  readonly leases: readonly LeaseModel[];
  readonly next_cursor: string | null;
  readonly has_more: boolean;
}

export interface LeaseRenewalBody {
  /** Added to it. */
  readonly amount?: string;
  /** From now; never shortens the lease. */
  readonly ttl_seconds?: number;
}

export interface StatusLeasesModel {
  /** Leases that are not closed. */
  readonly open: number;
  /** What is left of them; part of `held`. */
  readonly held: string;
}

export interface AutoReloadTermsModel {
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
  /** `disabled`: it turned itself off after three declines; `off`: somebody did; `paused`: money was taken back from the wallet, and nothing is paid until somebody goes on. */
  readonly state:
    | 'off'
    | 'armed'
    | 'charging'
    | 'requires_action'
    | 'retrying'
    | 'capped'
    | 'paused'
    | 'disabled';
  /** What was taken back, while it is paused. */
  readonly paused_reason: 'refund' | 'dispute' | 'void' | 'amendment' | 'adjustment' | null;
  readonly paused_at: string | null;
  /** Failures in a row; at three it turns itself off. */
  readonly declines: number;
  readonly last_error: string | null;
  readonly last_error_at: string | null;
  /** Where a person authenticates the payment that waits for it. */
  readonly action_url: string | null;
  readonly next_attempt_at: string | null;
  readonly updated_at: string | null;
}

export interface StatusModel {
  readonly organization_id: string;
  /** The mode of the key. */
  readonly mode: 'test' | 'live';
  readonly billing_model: string;
  readonly currency: string;
  /** Whether sends and calls are accepted now. */
  readonly outbound_enabled: boolean;
  readonly outbound_paused: boolean;
  readonly outbound_block_reason:
    'balance_depleted' | 'dispute' | 'manual' | 'reconciliation' | null;
  /** Money that processes spend from memory. */
  readonly leases: StatusLeasesModel;
  /** Null while the payment service is away. */
  readonly auto_reload: AutoReloadTermsModel | null;
}

export interface AutoReloadModel {
  readonly enabled: boolean;
  readonly threshold: number | null;
  readonly amount: number | null;
}

export interface BalanceModel {
  /** Dollars, exact to the cent; USD only. */
  readonly balance_usd?: number;
  /** Posted balance, floored to minor units. */
  readonly balance_cents: number;
  /** As `balance_cents`. */
  readonly credits: number;
  /** As `balance_cents` (first generation). */
  readonly balance: number;
  /** Posted balance, exact. */
  readonly balance_exact: string;
  /** Taken by open authorizations, leases, refunds and disputes, floored. */
  readonly held_cents: number;
  readonly held: string;
  /** Posted minus held, floored. */
  readonly available_cents: number;
  readonly available: string;
  readonly currency: string;
  readonly outbound_paused: boolean;
  readonly outbound_block_reason:
    'balance_depleted' | 'dispute' | 'manual' | 'reconciliation' | null;
  /** Null while the payment service is away. */
  readonly auto_reload: AutoReloadModel | null;
  readonly last_topped_up_at: string | null;
}

export interface TopUpModel {
  readonly checkoutUrl: string;
}

export interface TopUpBody {
  readonly amount: number;
  /** The wallet's currency, which is the default. For a wallet in a custom unit: that unit, to buy so many, or the money that they cost, to pay so much. */
  readonly currency?: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

export interface TopUpNowModel {
  /** Balance after it, in minor units. */
  readonly balance: number;
  /** What this added to `balance`; 0 while it is processing. */
  readonly topped_up: number;
  readonly currency: string;
  readonly payment_id: string | null;
  readonly topup_id: string;
  readonly state:
    | 'created'
    | 'requires_payment'
    | 'requires_action'
    | 'processing'
    | 'failed'
    | 'expired'
    | 'parked'
    | 'dismissed'
    | 'succeeded'
    | 'refunded_partially'
    | 'refunded'
    | 'disputed';
}

export interface TopUpNowBody {
  readonly amount: number;
  /** The wallet's currency, which is the default. For a wallet in a custom unit: that unit, to buy so many, or the money that they cost, to pay so much. */
  readonly currency?: string;
  /** Where the person comes back to, should the bank want to see its customer. */
  readonly returnUrl?: string;
}

export interface TopUpStateModel {
  readonly id: string;
  readonly kind: 'hosted' | 'off_session' | 'auto_reload';
  readonly state:
    | 'created'
    | 'requires_payment'
    | 'requires_action'
    | 'processing'
    | 'failed'
    | 'expired'
    | 'parked'
    | 'dismissed'
    | 'succeeded'
    | 'refunded_partially'
    | 'refunded'
    | 'disputed';
  /** Why it failed, expired or was parked. */
  readonly reason: string | null;
  /** What the wallet gets, floored to minor units. */
  readonly amount_minor: number;
  readonly amount: string;
  /** The wallet's. */
  readonly currency: string;
  /** What is to be paid, in minor units. */
  readonly payment_minor: number;
  /** Differs from `currency` for a custom unit. */
  readonly payment_currency: string;
  readonly payment_id: string | null;
  /** Where a person finishes it, while the bank waits for its customer. */
  readonly action_url: string | null;
  readonly created_at: string;
}

export interface PaymentMethodModel {
  readonly id: string;
  readonly type: string;
  readonly brand: string | null;
  readonly last4: string | null;
  readonly exp_month: number | null;
  readonly exp_year: number | null;
  /** Top-ups without a page are charged to this one. */
  readonly is_default: boolean;
  readonly created_at: string;
}

export interface SetupPageModel {
  readonly url: string;
}

export interface SetupPaymentMethodBody {
  readonly successUrl: string;
  readonly cancelUrl: string;
}

export interface DetachedPaymentMethodModel {
  readonly id: string;
  readonly detached: boolean;
}

export interface AutoReloadBody {
  readonly enabled: boolean;
  /** Reload when the balance falls below this, in minor units. Needed once. */
  readonly threshold?: number;
  /** One step, and the most that one payment takes unless `max_amount_per_payment` says more. Needed once. */
  readonly amount?: number;
  /** Pay up to this balance instead of in steps. */
  readonly target?: number | null;
  /** The most that one payment takes: as many steps as close the gap and fit in it. Null or never said: one step, or the target; the payment on switching on then closes the gap that stands. */
  readonly max_amount_per_payment?: number | null;
  /** UTC day. */
  readonly max_reloads_per_day?: number | null;
  /** UTC month. */
  readonly max_reloads_per_month?: number | null;
  /** Of a UTC day. Null or never said: ten times the most that one payment takes. */
  readonly max_amount_per_day?: number | null;
  readonly max_amount_per_month?: number | null;
}

export interface OperatorTopUpModel {
  readonly id: string;
  readonly kind: 'hosted' | 'off_session' | 'auto_reload';
  readonly state:
    | 'created'
    | 'requires_payment'
    | 'requires_action'
    | 'processing'
    | 'failed'
    | 'expired'
    | 'parked'
    | 'dismissed'
    | 'succeeded'
    | 'refunded_partially'
    | 'refunded'
    | 'disputed';
  /** Why it failed, expired or was parked. */
  readonly reason: string | null;
  /** What the wallet gets, floored to minor units. */
  readonly amount_minor: number;
  readonly amount: string;
  /** The wallet's. */
  readonly currency: string;
  /** What is to be paid, in minor units. */
  readonly payment_minor: number;
  /** Differs from `currency` for a custom unit. */
  readonly payment_currency: string;
  readonly payment_id: string | null;
  /** Where a person finishes it, while the bank waits for its customer. */
  readonly action_url: string | null;
  readonly created_at: string;
  readonly organization_id: string;
  /** Minor units that came. */
  readonly received_minor: number | null;
  readonly received_currency: string | null;
  /** What came can be credited to this wallet. */
  readonly is_creditable: boolean;
  readonly checkout_session_id: string | null;
}

export interface ResolveTopUpBody {
  /** Credit exactly what came, or nothing (pay it back at Stripe). */
  readonly action: 'credit_received' | 'dismiss';
  readonly reason: string;
}

export interface RefundModel {
  readonly id: string;
  readonly topup_id: string;
  readonly payment_id: string;
  /** `pending` until Stripe says more. A refund may fail after it had succeeded. */
  readonly state: 'pending' | 'succeeded' | 'failed';
  /** Minor units. */
  readonly amount_minor: number | null;
  /** What leaves the wallet, in `unit`. */
  readonly amount: string | null;
  /** The payment's. */
  readonly currency: string;
  /** The wallet's. */
  readonly unit: string;
  readonly reason: string | null;
  readonly failure_reason: string | null;
  /** `dashboard`: made at Stripe. */
  readonly origin: 'api' | 'dashboard';
  readonly created_at: string;
  readonly refunded_at: string | null;
}

export interface CreateRefundBody {
  /** The top-up; this or `payment_id`. */
  readonly topup_id?: string;
  /** The payment as Stripe names it (`pi_…`, `cs_…`), or the `reference` of its transaction. */
  readonly payment_id?: string;
  /** Minor units; without it, all that is unspent of the payment. */
  readonly amount?: number;
  readonly reason?: 'requested_by_customer' | 'duplicate' | 'fraudulent';
}

export interface DisputeModel {
  /** Stripe's. */
  readonly id: string;
  readonly organization_id: string;
  readonly topup_id: string;
  readonly payment_id: string;
  readonly state: 'inquiry' | 'open' | 'inquiry_closed' | 'won' | 'lost';
  readonly amount_minor: number;
  /** In `unit`. */
  readonly amount: string;
  /** The payment's. */
  readonly currency: string;
  /** The wallet's. */
  readonly unit: string;
  /** What Stripe took for it, in minor units. */
  readonly fee_minor: number;
  readonly reason: string;
  readonly evidence_due_at: string | null;
  readonly opened_at: string;
  readonly closed_at: string | null;
}

export interface ComparedModel {
  readonly balance_transactions: number;
  readonly payments: number;
  readonly refunds: number;
  readonly disputes: number;
  readonly ledger_entries: number;
}

export interface ClearingTotalModel {
  readonly currency: string;
  readonly at_stripe: string;
  readonly in_ledger: string;
}

export interface DifferenceModel {
  readonly kind:
    | 'paid_again'
    | 'payment_not_credited'
    | 'credit_without_payment'
    | 'credit_differs'
    | 'refund_not_booked'
    | 'refund_without_payment'
    | 'refund_differs'
    | 'refund_stuck'
    | 'dispute_not_held'
    | 'dispute_not_booked'
    | 'dispute_without_payment'
    | 'dispute_differs'
    | 'fee_not_booked'
    | 'clearing_differs';
  readonly organization_id: string | null;
  readonly topup_id: string | null;
  /** The payment, refund or dispute. */
  readonly subject: string;
  readonly payment_intent_id: string | null;
  readonly currency: string;
  readonly at_stripe: string;
  readonly in_ledger: string;
  readonly what_to_do: string;
}

export interface StripeReportModel {
  readonly since: string;
  readonly until: string;
  readonly compared: ComparedModel;
  /** Payments at Stripe that are no top-ups. */
  readonly not_ours: number;
  /** What Stripe has of the payments that were compared, and the account stripe_clearing. */
  readonly clearing: readonly ClearingTotalModel[];
  readonly differences: readonly DifferenceModel[];
  readonly replayed_events: number;
}

export interface ReconcileBody {
  /** From this instant on; else as far back as the scheduled check looks. */
  readonly since?: string;
  /** Replay what was missed from Stripe's list of events first. */
  readonly fix?: boolean;
}

export interface TransactionModel {
  readonly id: string;
  readonly type:
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
  /** Change of the balance in cents. All of them add up to `balance_cents`. */
  readonly amount_minor: number;
  /** Exact. */
  readonly amount: string;
  /** Exact; of the books, where credit counts that begins only later. */
  readonly balance_after: string;
  readonly reference: string;
  readonly channel: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Position in the wallet, without gaps. */
  readonly sequence: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly refunded_at: string | null;
}

export interface NextCursorModel {
  readonly cursor_ts: string;
  readonly cursor_id: string;
}

export interface TransactionPageModel {
  readonly transactions: readonly TransactionModel[];
  readonly next_cursor: NextCursorModel | null;
  /** `next_cursor` as one text. */
  readonly cursor: string | null;
  readonly has_more: boolean;
}

export interface ChannelUsageModel {
  readonly key: string;
  readonly channel: string;
  readonly total_messages: number;
  /** From delivery reports. */
  readonly delivered: number;
  /** From delivery reports. */
  readonly failed: number;
  /** Cents, rounded half up from the exact sum. */
  readonly total_cost_minor: number;
  readonly total_cost: number;
  /** The exact sum. */
  readonly total_cost_exact: string;
}

export interface AcceptedModel {
  readonly accepted: number;
}

export interface DeliveryReportBody {
  readonly charge_id: string;
  readonly status: 'delivered' | 'failed';
  readonly occurred_at: string;
}

export interface DeliveryReportsBody {
  readonly reports: readonly DeliveryReportBody[];
}

export interface PlanFeaturesModel {
  /** Over all channels, each period. */
  readonly messages_included: number | 'unlimited';
  readonly channels: readonly string[];
  readonly agents: number | 'unlimited';
  readonly voice_minutes: number | 'unlimited';
  readonly support: string;
}

export interface OfferedPlanModel {
  readonly id: string;
  readonly name: string;
  readonly price_id: string;
  /** Null: ask sales. */
  readonly price_monthly: number | null;
  readonly currency: string;
  readonly features: PlanFeaturesModel;
}

export interface PlanMethodModel {
  readonly type: string;
  readonly last4: string | null;
  readonly brand: string | null;
}

export interface CurrentPlanModel {
  readonly plan_id: string;
  readonly name: string;
  /** active, trialing, past_due, unpaid, paused. */
  readonly status: string;
  readonly current_period_start: string;
  /** Its last second. */
  readonly current_period_end: string;
  readonly cancel_at_period_end: boolean;
  /** Begins with the next period. */
  readonly pending_plan_id: string | null;
  readonly payment_method: PlanMethodModel | null;
}

export interface PlanCheckoutModel {
  readonly checkoutUrl: string;
}

export interface PlanCheckoutBody {
  /** The price_id of a plan. */
  readonly priceId: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

export interface ChangePlanBody {
  /** The price_id of a plan. */
  readonly priceId: string;
}

export interface BillingPeriodModel {
  readonly start: string;
  /** Its last second. */
  readonly end: string;
}

export interface SentModel {
  readonly sent: number;
  /** One pool for all channels. */
  readonly included: number | 'unlimited';
}

export interface SentByChannelModel {
  readonly sms: SentModel;
  readonly whatsapp: SentModel;
  readonly email: SentModel;
  readonly rcs: SentModel;
  readonly viber: SentModel;
}

export interface VoiceUsageModel {
  readonly minutes_used: number;
  readonly minutes_included: number | 'unlimited';
}

export interface AgentUsageModel {
  readonly invocations: number;
  readonly invocations_included: number | 'unlimited';
}

export interface PeriodUsageModel {
  readonly billing_period: BillingPeriodModel;
  readonly messages: SentByChannelModel;
  readonly voice: VoiceUsageModel;
  readonly agents: AgentUsageModel;
}

export interface UsageBucketModel {
  /** A UTC day, or a month such as 2026-03. */
  readonly period: string;
  readonly messages: Readonly<Record<string, number>>;
  readonly voice_minutes: number;
  readonly agent_invocations: number;
}

export interface CreditNoteModel {
  readonly id: string;
  /** Without gaps per seller and year. */
  readonly number: string;
  /** A dispute that was lost. */
  readonly reason: 'refund' | 'dispute';
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  /** `void`: the refund failed at the bank after all; the money stayed. */
  readonly status: 'issued' | 'void';
  readonly pdf_url: string;
  readonly created_at: string;
}

export interface InvoiceModel {
  readonly id: string;
  /** Without gaps per seller and year. */
  readonly number: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  /** `disputed` while a dispute is open, `charged_back` when all is back and a dispute was lost; `void` and `partially_void`: an operator took the credit back, the money stays paid. `open` and `uncollectible` are of subscriptions. */
  readonly status:
    | 'paid'
    | 'partially_refunded'
    | 'refunded'
    | 'disputed'
    | 'charged_back'
    | 'partially_void'
    | 'void'
    | 'open'
    | 'uncollectible';
  /** Minor units paid back. */
  readonly amount_refunded: number;
  /** Minor units of refunds on their way. */
  readonly amount_refund_pending: number;
  /** Minor units of open disputes. */
  readonly amount_disputed: number;
  /** Minor units of lost disputes. */
  readonly amount_charged_back: number;
  /** Credit that an operator took back and that was not paid back since, in minor units. */
  readonly amount_voided: number;
  /** What stays paid: `amount` less what was refunded and charged back. */
  readonly amount_net: number;
  /** One document per refund or lost dispute. Those of subscriptions are Stripe’s. */
  readonly credit_notes: readonly CreditNoteModel[];
  readonly period_start: string;
  readonly period_end: string;
  readonly pdf_url: string;
  readonly created_at: string;
}

export interface PaginationModel {
  /** Give it as `cursor` for the next page. */
  readonly cursor: string | null;
  readonly has_more: boolean;
  readonly total: number;
}

export interface OrganizationModel {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly account_id: string;
  readonly created_at: string;
}

export interface IssuedKeyModel {
  readonly id: string;
  /** Shown once; only a keyed hash is stored. */
  readonly key: string;
  readonly mode: 'test' | 'live';
}

export interface CreatedOrganizationModel {
  readonly organization: OrganizationModel;
  readonly api_key: IssuedKeyModel;
}

export interface CreateOrganizationBody {
  readonly name: string;
  /** ISO 4217, or a custom unit. */
  readonly currency?: string;
  /** Of the first key. By default that of the account. */
  readonly mode?: 'test' | 'live';
  /** Whose customer it is. */
  readonly account_id?: string;
}

export interface CreateKeyBody {
  readonly mode: 'test' | 'live';
}

export interface RevokedKeyModel {
  readonly id: string;
  readonly revoked: boolean;
}

export interface PausedModel {
  readonly organization_id: string;
  readonly outbound_paused: boolean;
  readonly outbound_block_reason: string | null;
}

export interface IssuedAccountModel {
  readonly account_id: string;
  readonly name: string;
  readonly mode: 'test' | 'live';
  readonly default_currency: string;
  readonly timezone: string;
  readonly created_at: string;
  /** The bearer key of /v1, shown this once. */
  readonly api_key: string;
  /** Signs webhooks of the account. */
  readonly webhook_secret: string;
}

export interface CreateAccountBody {
  readonly name: string;
  readonly mode: 'test' | 'live';
  /** ISO 4217. */
  readonly default_currency?: string;
  /** IANA name. */
  readonly timezone?: string;
  /** Of a test account: its clock stands at this instant, past or future, until POST /v1/test_clock moves it. */
  readonly test_clock_now?: string;
}

export interface AccountModel {
  readonly account_id: string;
  readonly name: string;
  readonly mode: 'test' | 'live';
  readonly default_currency: string;
  readonly timezone: string;
  readonly created_at: string;
}

export interface RateCardModel {
  /** Version of the account’s card, and of the organization’s own; 0 is none. */
  readonly version: string;
  readonly prices: Readonly<Record<string, unknown>>;
  /** Prices that are the organization’s own. */
  readonly overrides: readonly string[];
  readonly next_effective_at: string | null;
}

export interface PutRateCardModel {
  readonly version: number;
  readonly effective_at: string;
  readonly prices: Readonly<Record<string, unknown>>;
}

export interface PutRateCardBody {
  /** By name: currency, channel, and a price model with its config, or one per dimension. A name that the account’s card has, too, goes before it. */
  readonly prices: Readonly<Record<string, unknown>>;
  readonly effective_at?: string;
}

export interface QuoteModel {
  readonly price: string;
  readonly card_version: string;
  readonly quantities: Readonly<Record<string, string>>;
  /** Exact. */
  readonly rated: string;
  readonly formula: string;
  /** What a charge takes, in whole micros. */
  readonly amount: string;
  readonly currency: string;
}

export interface QuoteBody {
  readonly price: Readonly<Record<string, unknown>>;
  /** Of a price without dimensions. */
  readonly quantity?: Readonly<Record<string, unknown>>;
  readonly quantities?: Readonly<Record<string, unknown>>;
}

export interface PoliciesModel {
  readonly organization_id: string;
  readonly wallet_id: string;
  readonly currency: string;
  readonly overdraft_limit: string;
  readonly low_balance_threshold: string | null;
  readonly late_usage_grace_seconds: number;
  readonly settle_late: boolean;
  readonly outage_policy: 'closed' | 'open_with_budget' | 'open';
  readonly outage_budget: string;
}

export interface PoliciesBody {
  /** How far below zero charges may take it. */
  readonly overdraft_limit?: string;
  /** A balance below it is told by `balance.low`; null: never. */
  readonly low_balance_threshold?: string | null;
  /** Usage that arrives so long after a block lapsed may draw on it. */
  readonly late_usage_grace_seconds?: number;
  /** A capture after the end of its hold posts all the same. */
  readonly settle_late?: boolean;
  /** What authorization does while hot balances are not to be trusted. */
  readonly outage_policy?: 'closed' | 'open_with_budget' | 'open';
  /** For `open_with_budget`: how much in all. */
  readonly outage_budget?: string;
}

export interface BookedModel {
  readonly organization_id: string;
  readonly currency: string;
  readonly reference: string;
  readonly transactions: readonly TransactionModel[];
  readonly balance_after: string;
  /** The first answer again; nothing was booked now. */
  readonly replayed: boolean;
}

export interface AdjustmentBody {
  /** Signed: more becomes a block, less is drawn. */
  readonly amount: string;
  /** Default: the organization's. */
  readonly currency?: string;
  readonly reason: string;
  /** Once per reference: a repeat books nothing. */
  readonly reference: string;
  /** Take it though it is not covered. */
  readonly allow_negative?: boolean;
}

export interface ReversalBody {
  /** Once per reference: a repeat books nothing. */
  readonly reference: string;
  readonly reason: string;
  /** Default: all that is not reversed yet. */
  readonly amount?: string;
  /** Blocks that have lapsed may be spent until then. Default: they lapse on arrival. */
  readonly extend_to?: string;
}

export interface GrantBody {
  readonly amount: string;
  /** A currency or a custom unit such as `credits`. Default: the organization's. */
  readonly currency?: string;
  readonly kind: 'paid' | 'promotional';
  /** Lower is spent first. */
  readonly priority?: number;
  /** What one unit cost. Default: 1 for paid credit, 0 for promotional. */
  readonly cost_basis?: string;
  /** Default: now. */
  readonly effective_at?: string;
  readonly expires_at?: string | null;
  /** Once per reference. */
  readonly reference: string;
  readonly description?: string;
}

export interface CreditBlockModel {
  readonly id: string;
  readonly currency: string;
  readonly state: 'scheduled' | 'active' | 'depleted' | 'expired' | 'voided';
  readonly kind: 'paid' | 'promotional';
  /** Lower is spent first. */
  readonly priority: number;
  /** What one unit cost. */
  readonly cost_basis: string;
  readonly amount: string;
  readonly remaining: string;
  /** Kept by leases, refunds and disputes. */
  readonly held: string;
  /** Lapsed unused. */
  readonly expired: string;
  readonly effective_at: string;
  readonly expires_at: string | null;
  readonly voided_at: string | null;
  readonly created_at: string;
}

export interface CreditBlockPageModel {
  readonly blocks: readonly CreditBlockModel[];
  readonly cursor: string | null;
  readonly has_more: boolean;
}

export interface ExtensionBody {
  /** Once per reference: a repeat books nothing. */
  readonly reference: string;
  readonly reason: string;
  /** Later than the present end; null: never. */
  readonly expires_at: string | null;
  /** Also bring back what lapsed longer ago than the wallet's grace. */
  readonly reopen?: boolean;
}

export interface VoidBody {
  /** Once per reference: a repeat books nothing. */
  readonly reference: string;
  readonly reason: string;
  /** Take it though open authorizations count on it; else it is refused with the maximum (`details.max`). */
  readonly allow_negative?: boolean;
}

export interface AmendmentBody {
  /** Once per reference: a repeat books nothing. */
  readonly reference: string;
  readonly reason: string;
  /** Take it though open authorizations count on it; else it is refused with the maximum (`details.max`). */
  readonly allow_negative?: boolean;
  /** The new amount, used part included. */
  readonly amount: string;
}

export interface GrantScheduleModel {
  readonly id: string;
  readonly organization_id: string;
  readonly currency: string;
  readonly reference: string;
  readonly state: 'active' | 'ended' | 'cancelled';
  readonly amount: string;
  readonly kind: 'paid' | 'promotional';
  readonly priority: number;
  readonly cost_basis: string;
  readonly cadence: 'day' | 'week' | 'month' | 'year';
  readonly anchor_at: string;
  readonly time_zone: string;
  readonly expires: 'period' | 'never';
  readonly rollover_cap: string;
  readonly rollover_periods: number;
  readonly ends_at: string | null;
  readonly next_at: string | null;
  readonly created_at: string;
  readonly cancelled_at: string | null;
}

export interface GrantScheduleBody {
  readonly amount: string;
  /** A currency or a custom unit such as `credits`. Default: the organization's. */
  readonly currency?: string;
  readonly kind: 'paid' | 'promotional';
  /** Lower is spent first. */
  readonly priority?: number;
  /** What one unit cost. Default: 1 for paid credit, 0 for promotional. */
  readonly cost_basis?: string;
  /** Once per reference. */
  readonly reference: string;
  readonly cadence: 'day' | 'week' | 'month' | 'year';
  /** Start of the first period; default now. Months of fewer days begin on their last one, without drift. */
  readonly anchor_at?: string;
  /** IANA zone in whose civil time the periods are counted. */
  readonly time_zone?: string;
  readonly expires?: 'period' | 'never';
  /** What may roll over in all; default 0. */
  readonly rollover_cap?: string;
  /** So many periods longer than its own may credit live; default 1 with a cap. */
  readonly rollover_periods?: number;
  /** No period from then. */
  readonly ends_at?: string;
}

export interface StallModel {
  /** A partition, or `captures`. */
  readonly what: string;
  /** `stopped` by a broken invariant until a restart; `failing` on the same batch again and again; `unsettled`: captures that were sent several times and are not in the books. */
  readonly state: 'stopped' | 'failing' | 'unsettled';
  /** What was wrong; with the operator key only. */
  readonly detail?: string;
  readonly since: string;
  readonly what_to_do: string;
}

export interface CheckModel {
  readonly check: string;
  readonly fact: string;
  readonly last_true_at: string | null;
  readonly last_run_at: string | null;
  /** Wallets of the last run. */
  readonly wallets: number;
  readonly holds: boolean;
}

export interface BreachModel {
  /** With the operator key only, as the wallet. */
  readonly organization_id?: string;
  readonly wallet_id?: string;
  readonly currency: string;
  readonly check: string;
  readonly fact: string;
  /** Micros. */
  readonly expected: string;
  readonly actual: string;
  readonly since: string;
}

export interface SealingModel {
  readonly root_no: string | null;
  readonly root: string | null;
  readonly sealed_at: string | null;
  /** Since all that was known was sealed. */
  readonly lag_ms: number | null;
}

export interface TurnModel {
  readonly in_last_turn: number;
  readonly last_turn_at: string | null;
}

export interface LedgerHealthModel {
  readonly status: 'ok' | 'degraded';
  /** Why it is degraded; empty when it is not. */
  readonly reasons: readonly string[];
  /** Every check was true lately, no breach is open. */
  readonly holds: boolean;
  /** What stands still until a person mends it. */
  readonly stalls: readonly StallModel[];
  readonly checks: readonly CheckModel[];
  /** Open ones, oldest first; at most 50 wallets. */
  readonly breaches: readonly BreachModel[];
  /** Wallets with open breaches. */
  readonly breach_count: number;
  readonly sealing: SealingModel;
  /** The turn over all wallets. */
  readonly wallets: TurnModel;
  readonly checked_at: string;
}

export interface BalanceAtModel {
  readonly organization_id: string;
  readonly wallet_id: string;
  readonly currency: string;
  readonly balance: string;
  /** Of the last entry booked by then. */
  readonly sequence: string;
  readonly last_entry_at: string | null;
}

export interface BalancesAtModel {
  readonly at: string;
  readonly balances: readonly BalanceAtModel[];
  readonly cursor: string | null;
}

export interface RecheckedWalletModel {
  readonly organization_id: string;
  readonly currency: string;
  readonly wallet_id: string;
  readonly outbound_paused: boolean;
  readonly outbound_block_reason: string | null;
  /** What stands now; empty when all holds. */
  readonly breaches: readonly BreachModel[];
}

export interface RecheckedModel {
  readonly wallets: readonly RecheckedWalletModel[];
}

export interface RecheckBody {
  /** Lift the freeze when every check holds. */
  readonly clear?: boolean;
  /** All wallets when absent. */
  readonly currency?: string;
}
