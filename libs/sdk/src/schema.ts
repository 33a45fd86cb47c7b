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
    | 'missing_scope'
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
    | 'too_many_wrong_keys'
    | 'payment_provider_error'
    | 'unavailable'
    | 'timeout'
    | 'internal';
  /** One sentence for a person. */
  readonly message: string;
  /** The field at fault. */
  readonly param?: string;
  /** Structured details, by error code. */
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
  /** Mode of the first key. Default: the mode of the account. */
  readonly mode?: 'test' | 'live';
  /** Account that the organization belongs to. */
  readonly account_id?: string;
}

export interface CreateKeyBody {
  readonly mode: 'test' | 'live';
  readonly name?: string | null;
  /** Permissions of the key. Default: all. */
  readonly scopes?: readonly ('read' | 'spend' | 'manage')[];
  readonly expires_at?: string | null;
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

export interface ApiKeyModel {
  readonly id: string;
  readonly mode: 'test' | 'live';
  readonly name: string | null;
  readonly scopes: readonly ('read' | 'spend' | 'manage')[];
  readonly last_four: string;
  /** Id of the operator key that made it; null for keys of older versions. */
  readonly created_by: string | null;
  readonly created_at: string;
  /** To about ten minutes. */
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** Its successor, once rotated. */
  readonly replaced_by: string | null;
}

export interface RevokeKeyBody {
  /** The key itself. */
  readonly key: string;
}

export interface IssuedAccountModel {
  readonly account_id: string;
  readonly name: string;
  readonly mode: 'test' | 'live';
  readonly default_currency: string;
  readonly timezone: string;
  readonly created_at: string;
  /** The bearer key of /v1, shown only once. */
  readonly api_key: string;
  /** Signs webhooks of the account. */
  readonly webhook_secret: string;
}

export interface CreateAccountBody {
  readonly name: string;
  readonly mode: 'test' | 'live';
  /** ISO 4217. */
  readonly default_currency?: string;
  /** IANA time zone name. */
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

export interface OperatorKeyModel {
  readonly id: string;
  readonly name: string;
  readonly role: 'owner' | 'finance' | 'support' | 'viewer';
  readonly last_four: string;
  /** Id of the operator key that made it. */
  readonly created_by: string;
  readonly created_at: string;
  /** To about ten minutes. */
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** Its successor, once rotated. */
  readonly replaced_by: string | null;
}

export interface IssuedOperatorKeyModel {
  readonly id: string;
  readonly name: string;
  readonly role: 'owner' | 'finance' | 'support' | 'viewer';
  readonly last_four: string;
  /** Id of the operator key that made it. */
  readonly created_by: string;
  readonly created_at: string;
  /** To about ten minutes. */
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** Its successor, once rotated. */
  readonly replaced_by: string | null;
  /** Shown once; only a keyed hash is stored. */
  readonly key: string;
}

export interface CreateOperatorKeyBody {
  readonly name: string;
  readonly role: 'owner' | 'finance' | 'support' | 'viewer';
  readonly expires_at?: string | null;
}

export interface RevokedOperatorKeyModel {
  readonly id: string;
  readonly revoked: boolean;
}

export interface AuditRecordModel {
  readonly id: string;
  readonly at: string;
  readonly door: 'operator key' | 'organization key' | 'account key';
  readonly key_id: string;
  readonly organization_id: string | null;
  readonly account_id: string | null;
  readonly method: string;
  readonly route: string;
  readonly subject: string;
  readonly request_id: string;
  readonly address: string;
  /** The body, without secrets. */
  readonly asked: Readonly<Record<string, unknown>> | null;
  /** Null where no answer left: it may or may not have been carried out. */
  readonly status: number | null;
  /** The state before the change, where it was read anyway. */
  readonly before: Readonly<Record<string, unknown>> | null;
  /** The answer, without secrets. */
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface PricedModel {
  readonly price: string;
  /** Versions of the card of the account and of the organization. */
  readonly card_version: string;
  readonly quantities: Readonly<Record<string, string>>;
  /** Exact amount; `amount` is its whole micros. */
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
  /** Present on a charge that named a price. */
  readonly price?: PricedModel;
  readonly charge_id: string;
  readonly status: 'accepted' | 'posted' | 'rejected';
  readonly amount: string;
  readonly currency: string;
  /** The part that the allowance of the plan covers. `amount` is the rest, or the units when nothing is left. */
  readonly from_plan?: FromPlanModel;
  /** Accepted charges. */
  readonly authorization_id?: string;
  /** Accepted charges: left to spend. */
  readonly available_after?: string;
  /** Present on decided charges. */
  readonly reason?: string | null;
  /** Decided charges: of the books, where credit counts that begins only later. */
  readonly balance_after?: string | null;
  readonly balance_after_cents?: number | null;
  readonly sequence?: string | null;
  /** The credit blocks that paid. */
  readonly slices?: readonly SliceModel[];
}

export interface ChargeBody {
  /** Identifier chosen by the client; names this one charge for ever. It must not contain `~plan`. */
  readonly charge_id: string;
  /** Decimal string above zero, at most six decimals, at most 9007199254.740992. Required, with currency and channel, unless `price` is named, from which all three follow. */
  readonly amount?: string;
  readonly currency?: string;
  readonly channel?: string;
  /** Paid upstream by the operator, in the currency of the charge; exact, for `GET /api/v1/operator/margin`. By default that of the price. */
  readonly cost?: string;
  /** A price of the rate card. */
  readonly price?: string;
  /** Quantity per dimension, for a price with dimensions; whole numbers or decimal strings. */
  readonly quantities?: Readonly<Record<string, string | number>>;
  readonly quantity?: number;
  /** Flat; at most 50 keys and 8 KiB. A number that a double does not keep, such as 9007199254740993, is refused: send it as a string. */
  readonly metadata?: Readonly<Record<string, string | null | number | boolean>>;
}

export interface AuthorizationModel {
  /** Present on a charge that named a price. */
  readonly price?: PricedModel;
  readonly authorization_id: string;
  readonly charge_id: string;
  readonly amount: string;
  /** The unit of the allowance when a plan pays it all. */
  readonly currency: string;
  /** The part that the allowance of the plan covers. `amount` is the rest, or the units when nothing is left. */
  readonly from_plan?: FromPlanModel;
  /** Left to spend after this hold. */
  readonly available_after: string;
  readonly expires_at: string;
}

export interface AuthorizationBody {
  /** Identifier chosen by the client; names this one charge for ever. It must not contain `~plan`. */
  readonly charge_id: string;
  /** Decimal string above zero, at most six decimals, at most 9007199254.740992. Required, with currency and channel, unless `price` is named, from which all three follow. */
  readonly amount?: string;
  readonly currency?: string;
  readonly channel?: string;
  /** Paid upstream by the operator, in the currency of the charge; exact, for `GET /api/v1/operator/margin`. By default that of the price. */
  readonly cost?: string;
  /** A price of the rate card. */
  readonly price?: string;
  /** Quantity per dimension, for a price with dimensions; whole numbers or decimal strings. */
  readonly quantities?: Readonly<Record<string, string | number>>;
  readonly quantity?: number;
  /** Flat; at most 50 keys and 8 KiB. A number that a double does not keep, such as 9007199254740993, is refused: send it as a string. */
  readonly metadata?: Readonly<Record<string, string | null | number | boolean>>;
  readonly ttl_seconds?: number;
}

export interface EndedAuthorizationModel {
  readonly authorization_id: string;
  readonly charge_id: string;
  /** Held amount. */
  readonly amount: string;
  /** The unit of the allowance when a plan pays it all. */
  readonly currency: string;
  /** Amount that will be posted. */
  readonly captured: string;
  /** Amount that was released. */
  readonly released: string;
  readonly status: 'captured' | 'released';
}

export interface CaptureBody {
  /** At most the hold, which is the default. Usage counts the whole `quantity` that was authorized, whatever part of the amount is captured: authorize one by one what may be captured one by one. With a plan this holds for its part and for the rest, each on its own. */
  readonly amount?: string;
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
  /** Name of the price on the rate card. */
  readonly price_id: string;
  readonly price_version: string;
  readonly quantities: Readonly<Record<string, string>>;
  readonly formula: string;
  /** Exact amount before the single rounding. */
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
  /** Amount that the plan paid, in its unit. */
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
  /** Null when the overdraft carried the amount. */
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
  /** Canonical text of the entry. */
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
  /** Name that the operator chose. */
  readonly reference: string;
  readonly amount: string;
  /** Sequence number of its first entry. */
  readonly sequence: string;
  /** Returned amounts, and those that left again at once because their block had ended (`expiry`, `void`). */
  readonly entries: readonly ExplainedEntryModel[];
  readonly booked_at: string;
}

export interface ExplanationModel {
  readonly charge_id: string;
  readonly wallet_id: string | null;
  readonly status: 'posted' | 'rejected' | 'accepted' | 'authorized' | 'released' | 'expired';
  /** Reason of the rejection. */
  readonly reason: string | null;
  /** The charge as it was requested. */
  readonly request: ExplainedRequestModel;
  /** How a price became the amount. Null: the caller sent the amount. */
  readonly rating: RatingModel | null;
  readonly authorization: ExplainedAuthorizationModel;
  /** The part that the allowance of a plan paid; null: none. */
  readonly plan: ExplainedPlanModel | null;
  /** The credit that paid it. */
  readonly slices: readonly ExplainedSliceModel[];
  readonly entries: readonly ExplainedEntryModel[];
  readonly balance_before: string | null;
  readonly balance_after: string | null;
  readonly decided_at: string | null;
  /** Reversals by an operator, in the order of booking. The part that a plan paid is reversed under its own charge. */
  readonly reversals: readonly ExplainedReversalModel[];
}

export interface LeaseModel {
  readonly lease_id: string;
  /** `closing`: the ledger is still reading charges that were sent before. */
  readonly state: 'open' | 'closing' | 'closed';
  readonly holder: string | null;
  readonly currency: string;
  /** Set aside in all: spent + remaining + returned. */
  readonly granted: string;
  /** Posted amount. */
  readonly spent: string;
  /** Held by the lease; nobody else can spend it. */
  readonly remaining: string;
  /** Amount returned when the lease was closed. */
  readonly returned: string;
  readonly opened_at: string;
  readonly expires_at: string;
  readonly closed_at: string | null;
}

export interface LeaseBody {
  /** Amount to set aside for this lease; a decimal string. */
  readonly amount: string;
  /** Default: the currency of the wallet. */
  readonly currency?: string;
  /** Lifetime of the lease. The unspent amount returns automatically when it ends. */
  readonly ttl_seconds: number;
  /** Label of the spender, for people. */
  readonly holder?: string;
}

export interface LeasePageModel {
  readonly leases: readonly LeaseModel[];
  readonly next_cursor: string | null;
  readonly has_more: boolean;
}

export interface LeaseRenewalBody {
  /** Amount added to the lease. */
  readonly amount?: string;
  /** New lifetime, counted from now; never shortens the lease. */
  readonly ttl_seconds?: number;
}

export interface StatusLeasesModel {
  /** Leases that are not closed. */
  readonly open: number;
  /** Remaining amount of these leases; part of `held`. */
  readonly held: string;
}

export interface AutoReloadTermsModel {
  readonly enabled: boolean;
  readonly threshold: number | null;
  readonly amount: number | null;
  readonly target: number | null;
  /** The limit in force, whether it was set or is the default; the same goes for `max_amount_per_day`. */
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
  /** Kind of withdrawal that paused auto-reload; null while it is not paused. */
  readonly paused_reason: 'refund' | 'dispute' | 'void' | 'amendment' | 'adjustment' | null;
  readonly paused_at: string | null;
  /** Failures in a row; at three, auto-reload turns itself off. */
  readonly declines: number;
  readonly last_error: string | null;
  readonly last_error_at: string | null;
  /** Address at which a person authenticates the waiting payment. */
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
  /** Null while the payment service is unavailable. */
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
  /** Same value as `balance_cents`. */
  readonly credits: number;
  /** Same value as `balance_cents` (first generation of the API). */
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
  /** Null while the payment service is unavailable. */
  readonly auto_reload: AutoReloadModel | null;
  readonly last_topped_up_at: string | null;
}

export interface TopUpModel {
  readonly checkoutUrl: string;
}

export interface TopUpBody {
  readonly amount: number;
  /** Default: the currency of the wallet. For a wallet in a custom unit, either that unit (to buy this many) or the currency they are sold in (to pay this much). */
  readonly currency?: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
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
  /** Exact amount, a decimal string. */
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
  /** How far below zero charges may take the balance. */
  readonly overdraft_limit?: string;
  /** Threshold of `balance.low`, published when the balance falls below it; null: never. */
  readonly low_balance_threshold?: string | null;
  /** Grace: usage that arrives within this time after a block expired may draw on it. */
  readonly late_usage_grace_seconds?: number;
  /** Whether a capture after the expiry of its hold still posts. */
  readonly settle_late?: boolean;
  /** Policy of authorization while hot balances are not trusted. */
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
  /** True for a repeat: this is the first answer, nothing was booked now. */
  readonly replayed: boolean;
}

export interface AdjustmentBody {
  /** Signed: more becomes a block, less is drawn. */
  readonly amount: string;
  /** Default: the organization's. */
  readonly currency?: string;
  readonly reason: string;
  /** Identifier chosen by the client; a repeat books nothing. */
  readonly reference: string;
  /** Book it even when the balance does not cover it. */
  readonly allow_negative?: boolean;
}

export interface ReversalBody {
  /** Identifier chosen by the client; a repeat books nothing. */
  readonly reference: string;
  readonly reason: string;
  /** Default: the whole amount that is not reversed yet. */
  readonly amount?: string;
  /** Credit that returns to an expired block may be spent until then. Default: it expires on arrival. */
  readonly extend_to?: string;
}

export interface GrantBody {
  readonly amount: string;
  /** A currency or a custom unit such as `credits`. Default: the organization's. */
  readonly currency?: string;
  readonly kind: 'paid' | 'promotional';
  /** Blocks with a lower priority are spent first. */
  readonly priority?: number;
  /** Cost of one unit. Default: 1 for paid credit, 0 for promotional. */
  readonly cost_basis?: string;
  /** Default: now. */
  readonly effective_at?: string;
  readonly expires_at?: string | null;
  /** Identifier chosen by the client; a repeat grants nothing. */
  readonly reference: string;
  readonly description?: string;
}

export interface CreditBlockModel {
  readonly id: string;
  readonly currency: string;
  readonly state: 'scheduled' | 'active' | 'depleted' | 'expired' | 'voided';
  readonly kind: 'paid' | 'promotional';
  /** Blocks with a lower priority are spent first. */
  readonly priority: number;
  /** Cost of one unit. */
  readonly cost_basis: string;
  readonly amount: string;
  readonly remaining: string;
  /** Amount reserved by leases, refunds and disputes. */
  readonly held: string;
  /** Amount that expired unused. */
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
  /** Identifier chosen by the client; a repeat books nothing. */
  readonly reference: string;
  readonly reason: string;
  /** New end, later than the present one; null: never expires. */
  readonly expires_at: string | null;
  /** Also reopen credit that expired longer ago than the wallet's grace. */
  readonly reopen?: boolean;
}

export interface VoidBody {
  /** Identifier chosen by the client; a repeat books nothing. */
  readonly reference: string;
  readonly reason: string;
  /** Void it even when open authorizations rely on it; otherwise the request is refused with the maximum (`details.max`). */
  readonly allow_negative?: boolean;
}

export interface AmendmentBody {
  /** Identifier chosen by the client; a repeat books nothing. */
  readonly reference: string;
  readonly reason: string;
  /** Void it even when open authorizations rely on it; otherwise the request is refused with the maximum (`details.max`). */
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
  /** Blocks with a lower priority are spent first. */
  readonly priority?: number;
  /** Cost of one unit. Default: 1 for paid credit, 0 for promotional. */
  readonly cost_basis?: string;
  /** Identifier chosen by the client; a repeat grants nothing. */
  readonly reference: string;
  readonly cadence: 'day' | 'week' | 'month' | 'year';
  /** Start of the first period; default now. Months of fewer days begin on their last one, without drift. */
  readonly anchor_at?: string;
  /** IANA zone in whose civil time the periods are counted. */
  readonly time_zone?: string;
  readonly expires?: 'period' | 'never';
  /** Maximum amount that rolls over in all; default 0. */
  readonly rollover_cap?: string;
  /** Number of further periods that rolled-over credit may last; default 1 with a cap. */
  readonly rollover_periods?: number;
  /** End of the schedule: no period begins at or after this instant. */
  readonly ends_at?: string;
}

export interface TopUpNowModel {
  /** Balance after it, in minor units. */
  readonly balance: number;
  /** Amount that this added to `balance`; 0 while it is processing. */
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
  /** Default: the currency of the wallet. For a wallet in a custom unit, either that unit (to buy this many) or the currency they are sold in (to pay this much). */
  readonly currency?: string;
  /** Return address, used when the bank requires authentication. */
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
  /** Reason why the top-up failed, expired or was parked. */
  readonly reason: string | null;
  /** Amount credited to the wallet, floored to minor units. */
  readonly amount_minor: number;
  readonly amount: string;
  /** Currency or unit of the wallet. */
  readonly currency: string;
  /** Amount due, in minor units. */
  readonly payment_minor: number;
  /** Differs from `currency` for a custom unit. */
  readonly payment_currency: string;
  readonly payment_id: string | null;
  /** Address at which a person completes the payment, while the bank requires authentication. */
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
  /** Reload when the balance falls below this amount, in minor units. Required on first use. */
  readonly threshold?: number;
  /** Amount of one step. It is also the limit per payment, unless `max_amount_per_payment` is higher. Required on first use. */
  readonly amount?: number;
  /** Target balance: pay up to it instead of in steps. */
  readonly target?: number | null;
  /** The most that one payment takes: as many steps as close the gap and fit in it. Null or never said: one step, or the target; the payment on switching on then closes the gap that stands. */
  readonly max_amount_per_payment?: number | null;
  /** Limit of reloads per UTC day. */
  readonly max_reloads_per_day?: number | null;
  /** Limit of reloads per UTC month. */
  readonly max_reloads_per_month?: number | null;
  /** Limit per UTC day. Null or unset: ten times the limit per payment. */
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
  /** Reason why the top-up failed, expired or was parked. */
  readonly reason: string | null;
  /** Amount credited to the wallet, floored to minor units. */
  readonly amount_minor: number;
  readonly amount: string;
  /** Currency or unit of the wallet. */
  readonly currency: string;
  /** Amount due, in minor units. */
  readonly payment_minor: number;
  /** Differs from `currency` for a custom unit. */
  readonly payment_currency: string;
  readonly payment_id: string | null;
  /** Address at which a person completes the payment, while the bank requires authentication. */
  readonly action_url: string | null;
  readonly created_at: string;
  readonly organization_id: string;
  /** Received amount, in minor units. */
  readonly received_minor: number | null;
  readonly received_currency: string | null;
  /** Whether the received amount can be credited to this wallet. */
  readonly is_creditable: boolean;
  readonly checkout_session_id: string | null;
}

export interface ResolveTopUpBody {
  /** Credit exactly the received amount, or nothing (then refund it at Stripe). */
  readonly action: 'credit_received' | 'dismiss';
  readonly reason: string;
}

export interface RefundModel {
  readonly id: string;
  readonly topup_id: string;
  readonly payment_id: string;
  /** `pending` until Stripe reports an outcome. A refund may fail after it had succeeded. */
  readonly state: 'pending' | 'succeeded' | 'failed';
  /** Amount in minor units. */
  readonly amount_minor: number | null;
  /** Amount that leaves the wallet, in `unit`. */
  readonly amount: string | null;
  /** Currency of the payment. */
  readonly currency: string;
  /** Currency or unit of the wallet. */
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
  /** Amount in minor units. Default: the whole unspent amount of the payment. */
  readonly amount?: number;
  readonly reason?: 'requested_by_customer' | 'duplicate' | 'fraudulent';
}

export interface DisputeModel {
  /** Identifier at Stripe. */
  readonly id: string;
  readonly organization_id: string;
  readonly topup_id: string;
  readonly payment_id: string;
  readonly state: 'inquiry' | 'open' | 'inquiry_closed' | 'won' | 'lost';
  readonly amount_minor: number;
  /** Amount in `unit`. */
  readonly amount: string;
  /** Currency of the payment. */
  readonly currency: string;
  /** Currency or unit of the wallet. */
  readonly unit: string;
  /** Fee that Stripe charged for it, in minor units. */
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
  /** Amounts of the compared payments at Stripe, and the account stripe_clearing. */
  readonly clearing: readonly ClearingTotalModel[];
  readonly differences: readonly DifferenceModel[];
  readonly replayed_events: number;
}

export interface ReconcileBody {
  /** Start of the check. Default: as far back as the scheduled check looks. */
  readonly since?: string;
  /** Replay what was missed from Stripe's list of events first. */
  readonly fix?: boolean;
}

export interface PlanFeaturesModel {
  /** Allowance over all channels, per period. */
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
  /** Null: the price is on request. */
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
  /** Last second of the period. */
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
  /** Last second of the period. */
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

export interface CreditNoteModel {
  readonly id: string;
  /** Document number, without gaps per seller and year. */
  readonly number: string;
  /** A dispute that was lost. */
  readonly reason: 'refund' | 'dispute';
  /** Amount in minor units. */
  readonly amount: number;
  readonly currency: string;
  /** `void`: the refund failed at the bank after all; the money stayed. */
  readonly status: 'issued' | 'void';
  readonly pdf_url: string;
  readonly created_at: string;
}

export interface InvoiceModel {
  readonly id: string;
  /** Document number, without gaps per seller and year. */
  readonly number: string;
  /** Amount in minor units. */
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
  /** Refunded amount, in minor units. */
  readonly amount_refunded: number;
  /** Refunds in progress, in minor units. */
  readonly amount_refund_pending: number;
  /** Open disputes, in minor units. */
  readonly amount_disputed: number;
  /** Lost disputes, in minor units. */
  readonly amount_charged_back: number;
  /** Credit that an operator took back and that was not refunded since, in minor units. */
  readonly amount_voided: number;
  /** `amount` minus refunds and chargebacks. */
  readonly amount_net: number;
  /** One document per refund or lost dispute. Those of subscriptions are Stripe’s. */
  readonly credit_notes: readonly CreditNoteModel[];
  readonly period_start: string;
  readonly period_end: string;
  readonly pdf_url: string;
  readonly created_at: string;
}

export interface PaginationModel {
  /** Pass it as `cursor` to get the next page. */
  readonly cursor: string | null;
  readonly has_more: boolean;
  readonly total: number;
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
  /** By name: currency, channel, and a price model with its config, or one per dimension. `cost` has the same form: the price that the operator pays upstream, in the same currency. A name that the account’s card has, too, goes before it. */
  readonly prices: Readonly<Record<string, unknown>>;
  readonly effective_at?: string;
}

export interface QuoteModel {
  readonly price: string;
  readonly card_version: string;
  readonly quantities: Readonly<Record<string, string>>;
  /** Exact amount, a decimal string. */
  readonly rated: string;
  readonly formula: string;
  /** Amount of the charge, in whole micros. */
  readonly amount: string;
  readonly currency: string;
}

export interface QuoteBody {
  readonly price: string;
  /** Price model of a price without dimensions. */
  readonly quantity?: number | string;
  readonly quantities?: Readonly<Record<string, number | string>>;
}

export interface TaxRateModel {
  /** ISO 3166, two letters; null: everywhere. */
  readonly country?: string | null;
  /** As addresses write it; null: the whole country. */
  readonly state?: string | null;
  /** Out of 100. */
  readonly percentage: string;
  readonly description: string;
  /** Prices contain it; nothing is put on top. */
  readonly inclusive?: boolean;
  /** A customer with a tax id of the country is charged nothing and pays it itself. */
  readonly reverse_charge?: boolean;
  /** Each line is rounded, or the sum, which is then split by largest remainder. */
  readonly rounding?: 'line' | 'invoice';
}

export interface TaxRatesModel {
  readonly tax_rates: readonly TaxRateModel[];
}

export interface PutTaxRatesBody {
  /** In place of all rates; at most 200. */
  readonly tax_rates: readonly TaxRateModel[];
}

export interface MarginRowModel {
  /** Channel, price or organization; null: charges that name none. */
  readonly key: string | null;
  readonly currency: string;
  readonly charges: number;
  /** Less reversals; exact. */
  readonly revenue: string;
  /** Of the charges that name a cost; exact. */
  readonly cost: string;
  /** revenue − cost */
  readonly margin: string;
}

export interface MarginModel {
  readonly by: 'channel' | 'price' | 'organization';
  readonly from: string;
  readonly to: string;
  readonly rows: readonly MarginRowModel[];
  /** Of the next page; null: the last. */
  readonly cursor: string | null;
}

export interface NewWebhookEndpointModel {
  readonly endpoint_id: string;
  readonly url: string;
  /** Null: all. */
  readonly event_types: readonly string[] | null;
  readonly enabled: boolean;
  readonly created_at: string;
  /** Signs what is sent. This answer alone shows it. */
  readonly secret: string;
}

export interface WebhookEndpointBody {
  /** Of a live account: https, and a public host. */
  readonly url: string;
  /** Default: all. */
  readonly event_types?: readonly (
    | 'balance.low'
    | 'balance.depleted'
    | 'balance.recovered'
    | 'balance.overdrawn'
    | 'charge.rejected'
    | 'topup.completed'
    | 'topup.failed'
    | 'refund.pending'
    | 'refund.completed'
    | 'refund.failed'
    | 'dispute.opened'
    | 'dispute.closed'
    | 'credit.withdrawn'
    | 'credit.taken_back'
    | 'auto_reload.disabled'
    | 'auto_reload.paused'
    | 'auto_reload.resumed'
    | 'auto_reload.limited'
    | 'wallet.paused'
    | 'wallet.resumed'
    | 'invoice.issued'
    | 'subscription.changed'
    | 'subscription.invoiced'
  )[];
}

export interface WebhookEndpointModel {
  readonly endpoint_id: string;
  readonly url: string;
  /** Null: all. */
  readonly event_types: readonly string[] | null;
  readonly enabled: boolean;
  readonly created_at: string;
}

export interface WebhookEndpointListModel {
  readonly webhook_endpoints: readonly WebhookEndpointModel[];
}

export interface WebhookEndpointChangeBody {
  /** Of a live account: https, and a public host. */
  readonly url: string;
  /** Default: all. */
  readonly event_types?: readonly (
    | 'balance.low'
    | 'balance.depleted'
    | 'balance.recovered'
    | 'balance.overdrawn'
    | 'charge.rejected'
    | 'topup.completed'
    | 'topup.failed'
    | 'refund.pending'
    | 'refund.completed'
    | 'refund.failed'
    | 'dispute.opened'
    | 'dispute.closed'
    | 'credit.withdrawn'
    | 'credit.taken_back'
    | 'auto_reload.disabled'
    | 'auto_reload.paused'
    | 'auto_reload.resumed'
    | 'auto_reload.limited'
    | 'wallet.paused'
    | 'wallet.resumed'
    | 'invoice.issued'
    | 'subscription.changed'
    | 'subscription.invoiced'
  )[];
  /** Events of a time in which it is disabled are not sent later. */
  readonly enabled?: boolean;
}

export interface DeletedWebhookEndpointModel {
  readonly endpoint_id: string;
  readonly deleted: boolean;
}

export interface WebhookAttemptModel {
  readonly number: number;
  readonly attempted_at: string;
  readonly latency_ms: number;
  /** Null: no answer came. */
  readonly status: number | null;
  /** Why no answer came. */
  readonly error: string | null;
  /** Beginning of the answer. */
  readonly response: string | null;
}

export interface WebhookDeliveryModel {
  readonly delivery_id: string;
  readonly endpoint_id: string;
  /** The same on every attempt, and when it is sent again. */
  readonly event_id: string;
  readonly event_type: string;
  /** Events of one object are sent in their order. */
  readonly object_id: string;
  /** Which event of its object it is. */
  readonly sequence: number;
  readonly state: 'pending' | 'delivered' | 'failed' | 'cancelled';
  readonly attempt_count: number;
  readonly created_at: string;
  readonly next_attempt_at: string | null;
  readonly ended_at: string | null;
  readonly last_attempt: WebhookAttemptModel | null;
}

export interface WebhookDeliveryPageModel {
  readonly deliveries: readonly WebhookDeliveryModel[];
  readonly next_cursor: string | null;
  readonly has_more: boolean;
}

export interface WebhookDeliveryDetailModel {
  readonly delivery_id: string;
  readonly endpoint_id: string;
  /** The same on every attempt, and when it is sent again. */
  readonly event_id: string;
  readonly event_type: string;
  /** Events of one object are sent in their order. */
  readonly object_id: string;
  /** Which event of its object it is. */
  readonly sequence: number;
  readonly state: 'pending' | 'delivered' | 'failed' | 'cancelled';
  readonly attempt_count: number;
  readonly created_at: string;
  readonly next_attempt_at: string | null;
  readonly ended_at: string | null;
  readonly last_attempt: WebhookAttemptModel | null;
  /** The body as it is sent, to the byte. */
  readonly body: string;
  readonly attempts: readonly WebhookAttemptModel[];
}

export interface StallModel {
  /** A partition, or `captures`. */
  readonly what: string;
  /** `stopped` by a broken invariant until a restart; `failing` on the same batch again and again; `unsettled`: captures that were sent several times and are not in the books. */
  readonly state: 'stopped' | 'failing' | 'unsettled';
  /** Error of the stall; returned to the operator key only. */
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
  /** Returned to the operator key only, like the wallet. */
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
  /** Time since everything known was sealed. */
  readonly lag_ms: number | null;
}

export interface TurnModel {
  readonly in_last_turn: number;
  readonly last_turn_at: string | null;
}

export interface LedgerHealthModel {
  readonly status: 'ok' | 'degraded';
  /** Reasons of a degraded status; empty otherwise. */
  readonly reasons: readonly string[];
  /** Every check held recently and no breach is open. */
  readonly holds: boolean;
  /** Partitions and captures that are stuck until a person repairs the cause. */
  readonly stalls: readonly StallModel[];
  readonly checks: readonly CheckModel[];
  /** Open breaches, oldest first; at most 50 wallets. */
  readonly breaches: readonly BreachModel[];
  /** Wallets with open breaches. */
  readonly breach_count: number;
  readonly sealing: SealingModel;
  /** The pass over all wallets. */
  readonly wallets: TurnModel;
  readonly checked_at: string;
}

export interface BalanceAtModel {
  readonly organization_id: string;
  readonly wallet_id: string;
  readonly currency: string;
  readonly balance: string;
  /** Sequence number of the last entry booked by then. */
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
  /** Breaches that are open now; empty when every check holds. */
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
