import {
  chargePostedSchema,
  chargeRejectedSchema,
  chargeRequestedSchema,
  type ChargePosted,
  type ChargeRejected,
  type ChargeRequested,
  type ChargeRequestedByPrice,
} from './charge.events.js';
import { deliveryReportedSchema, type DeliveryReported } from './delivery.events.js';
import { invoiceIssuedSchema, type InvoiceIssued } from './invoice.events.js';
import {
  disputeClosedSchema,
  disputeOpenedSchema,
  type DisputeClosed,
  type DisputeOpened,
} from './dispute.events.js';
import {
  autoReloadDisabledSchema,
  autoReloadLimitedSchema,
  autoReloadPausedSchema,
  autoReloadResumedSchema,
  type AutoReloadDisabled,
  type AutoReloadLimited,
  type AutoReloadPaused,
  type AutoReloadResumed,
} from './auto-reload.events.js';
import {
  ledgerSealedSchema,
  reconciliationBreachedSchema,
  type LedgerSealed,
  type ReconciliationBreached,
} from './ledger.events.js';
import {
  refundCompletedSchema,
  refundFailedSchema,
  refundPendingSchema,
  type RefundCompleted,
  type RefundFailed,
  type RefundPending,
} from './refund.events.js';
import { paymentDiffersSchema, type PaymentDiffers } from './payment.events.js';
import type { JsonSchema } from './schema.js';
import {
  subscriptionChangedSchema,
  subscriptionInvoicedSchema,
  type SubscriptionChanged,
  type SubscriptionInvoiced,
} from './subscription.events.js';
import {
  topUpCompletedSchema,
  topUpFailedSchema,
  type TopUpCompleted,
  type TopUpFailed,
} from './topup.events.js';
import { usageIngestedSchema, type UsageIngested } from './usage.events.js';
import { creditWithdrawnSchema, type CreditWithdrawn } from './withdrawal.events.js';
import {
  balanceAlertSchema,
  creditTakenBackSchema,
  walletPauseChangeSchema,
  type BalanceAlert,
  type CreditTakenBack,
  type WalletPauseChange,
} from './wallet.events.js';

/**
 * Partitions of every topic that the ledger reads: one number, so that one instance owns an
 * organization across topics. Raising it later moves keys; see docs/operating.md first.
 */
export const LEDGER_PARTITIONS = 6;

/** Partitions of `usage.ingested`, which no wallet waits for. */
export const USAGE_PARTITIONS = 12;

const DAY_MS = 86_400_000;

export interface TopicSpec {
  readonly description: string;
  /** The service that publishes; callers outside count as `any`. */
  readonly producer: string;
  readonly consumers: readonly string[];
  /** For each consumer, what it does with the messages. */
  readonly purposes: Readonly<Record<string, string>>;
  /** The message key: one key is one partition, so its messages stay in order. */
  readonly key: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly schema: JsonSchema;
}

/** The reader of topics that invoicing reads for webhooks alone. */
const SENT = { invoicing: 'sends webhooks' } as const;

const topic = (
  description: string,
  producer: string,
  purposes: Readonly<Record<string, string>>,
  schema: JsonSchema,
  retentionDays = 14,
): TopicSpec => ({
  description,
  producer,
  consumers: Object.keys(purposes),
  purposes,
  key: 'organization_id',
  schema,
  partitions: LEDGER_PARTITIONS,
  retentionMs: retentionDays * DAY_MS,
});

/** Every topic of the product; AsyncAPI, docs/reference and the deploy list are generated from here. */
export const TOPICS = {
  'charge.requested': topic(
    'Command: charge a wallet.',
    'any',
    { 'wallet-ledger': 'posts or rejects the charge' },
    chargeRequestedSchema,
    30,
  ),
  'charge.posted': topic(
    'The charge is in the books.',
    'wallet-ledger',
    { 'usage-metering': 'counts usage per channel, hour and day' },
    chargePostedSchema,
    30,
  ),
  'charge.rejected': topic(
    'The charge was refused; nothing moved.',
    'wallet-ledger',
    SENT,
    chargeRejectedSchema,
    30,
  ),
  'topup.completed': topic(
    'Money arrived, on proof.',
    'checkout',
    { 'wallet-ledger': 'credits the wallet', invoicing: 'issues the receipt; sends webhooks' },
    topUpCompletedSchema,
    90,
  ),
  'topup.failed': topic('A top-up ended without money.', 'checkout', SENT, topUpFailedSchema),
  'refund.pending': topic(
    'Stripe has begun to pay money of a top-up back; it may still fail.',
    'checkout',
    {
      'wallet-ledger': 'reserves the amount in the wallet',
      invoicing: 'shows the refund on the receipt; sends webhooks',
    },
    refundPendingSchema,
    90,
  ),
  'refund.completed': topic(
    'Money of a top-up was paid back.',
    'checkout',
    { 'wallet-ledger': 'books the refund', invoicing: 'issues a credit note; sends webhooks' },
    refundCompletedSchema,
    90,
  ),
  'refund.failed': topic(
    'A refund failed; the credit it had reserved is free again.',
    'checkout',
    {
      'wallet-ledger': 'returns the reserved or booked amount',
      invoicing: 'voids the credit note; sends webhooks',
    },
    refundFailedSchema,
    90,
  ),
  'dispute.opened': topic(
    'A payer disputes a top-up.',
    'checkout',
    {
      'wallet-ledger': 'reserves the disputed amount and pauses the wallet',
      invoicing: 'marks the receipt as disputed; sends webhooks',
    },
    disputeOpenedSchema,
    90,
  ),
  'dispute.closed': topic(
    'A dispute was won or lost.',
    'checkout',
    {
      'wallet-ledger': 'books the loss or releases the amount',
      invoicing: 'issues a credit note for a lost dispute; sends webhooks',
    },
    disputeClosedSchema,
    90,
  ),
  'credit.withdrawn': topic(
    'An operator voided or amended credit of a top-up; its money stays paid.',
    'wallet-ledger',
    { invoicing: 'marks the receipt as void; sends webhooks' },
    creditWithdrawnSchema,
    90,
  ),
  'payment.differs': topic(
    'Stripe and the ledger disagree about a payment.',
    'checkout',
    {},
    paymentDiffersSchema,
    90,
  ),
  'auto_reload.disabled': topic(
    'Auto-reload turned itself off after declines.',
    'checkout',
    SENT,
    autoReloadDisabledSchema,
  ),
  'auto_reload.paused': topic(
    'Money was taken back from the wallet: auto-reload is paused until somebody resumes it.',
    'checkout',
    SENT,
    autoReloadPausedSchema,
  ),
  'auto_reload.resumed': topic(
    'Auto-reload was resumed after a pause.',
    'checkout',
    SENT,
    autoReloadResumedSchema,
  ),
  'auto_reload.limited': topic(
    'Auto-reload needed more than one of its ceilings allows.',
    'checkout',
    SENT,
    autoReloadLimitedSchema,
  ),
  'reconciliation.breached': topic(
    'A live check of the books failed; that wallet is frozen.',
    'wallet-ledger',
    {},
    reconciliationBreachedSchema,
    90,
  ),
  'ledger.sealed': {
    ...topic(
      'The Merkle root over the entries of one interval.',
      'wallet-ledger',
      {},
      ledgerSealedSchema,
      90,
    ),
    key: '`ledger`: one series',
  },
  'balance.low': topic(
    'The balance fell below its threshold, or was charged while it was below for another reason.',
    'wallet-ledger',
    { checkout: 'starts auto-reload', ...SENT },
    balanceAlertSchema,
  ),
  'balance.depleted': topic(
    'The balance fell to zero or below.',
    'wallet-ledger',
    SENT,
    balanceAlertSchema,
  ),
  'balance.recovered': topic(
    'The balance rose back above its threshold.',
    'wallet-ledger',
    SENT,
    balanceAlertSchema,
  ),
  'balance.overdrawn': topic(
    'The balance fell below what its overdraft allows.',
    'wallet-ledger',
    SENT,
    balanceAlertSchema,
  ),
  'credit.taken_back': topic(
    'Money left the wallet that nobody spent: a refund, a dispute, a correction.',
    'wallet-ledger',
    { checkout: 'pauses auto-reload', ...SENT },
    creditTakenBackSchema,
  ),
  'wallet.paused': topic(
    'Outbound was paused, with its reason.',
    'wallet-ledger',
    SENT,
    walletPauseChangeSchema,
  ),
  'wallet.resumed': topic('Outbound was resumed.', 'wallet-ledger', SENT, walletPauseChangeSchema),
  'delivery.reported': topic(
    'The delivery outcome of a send.',
    'gateway',
    { 'usage-metering': 'counts delivered and failed sends' },
    deliveryReportedSchema,
  ),
  'usage.ingested': {
    ...topic(
      'Usage events of one customer, accepted together; keyed by account and customer, see usage.events.ts.',
      'any',
      { 'usage-metering': 'stores the events and updates rollups' },
      usageIngestedSchema,
    ),
    key: 'account_id and customer',
    partitions: USAGE_PARTITIONS,
  },
  'invoice.issued': topic('A receipt was issued.', 'invoicing', SENT, invoiceIssuedSchema, 90),
  'subscription.changed': topic(
    'The current state of a subscription; the highest version counts.',
    'checkout',
    { invoicing: 'mirrors the subscription; sends webhooks' },
    subscriptionChangedSchema,
    90,
  ),
  'subscription.invoiced': topic(
    'The current state of an invoice of a subscription; the highest version counts.',
    'checkout',
    { invoicing: 'mirrors the invoice and grants the allowance of its period; sends webhooks' },
    subscriptionInvoicedSchema,
    90,
  ),
} as const satisfies Record<string, TopicSpec>;

export type TopicName = keyof typeof TOPICS;

/** Which value type travels on which topic. */
export interface TopicValue {
  'charge.requested': ChargeRequested | ChargeRequestedByPrice;
  'charge.posted': ChargePosted;
  'charge.rejected': ChargeRejected;
  'topup.completed': TopUpCompleted;
  'topup.failed': TopUpFailed;
  'refund.pending': RefundPending;
  'refund.completed': RefundCompleted;
  'refund.failed': RefundFailed;
  'dispute.opened': DisputeOpened;
  'dispute.closed': DisputeClosed;
  'credit.withdrawn': CreditWithdrawn;
  'payment.differs': PaymentDiffers;
  'auto_reload.disabled': AutoReloadDisabled;
  'auto_reload.paused': AutoReloadPaused;
  'auto_reload.resumed': AutoReloadResumed;
  'auto_reload.limited': AutoReloadLimited;
  'reconciliation.breached': ReconciliationBreached;
  'ledger.sealed': LedgerSealed;
  'balance.low': BalanceAlert;
  'balance.depleted': BalanceAlert;
  'balance.recovered': BalanceAlert;
  'balance.overdrawn': BalanceAlert;
  'credit.taken_back': CreditTakenBack;
  'wallet.paused': WalletPauseChange;
  'wallet.resumed': WalletPauseChange;
  'delivery.reported': DeliveryReported;
  'usage.ingested': UsageIngested;
  'invoice.issued': InvoiceIssued;
  'subscription.changed': SubscriptionChanged;
  'subscription.invoiced': SubscriptionInvoiced;
}
