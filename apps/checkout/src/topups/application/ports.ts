import type { TopUpListQuery } from '@orbit/contracts';
import type {
  AutoReloadDisabled,
  AutoReloadLimited,
  AutoReloadPaused,
  AutoReloadResumed,
  DisputeClosed,
  DisputeOpened,
  PaymentDiffers,
  RefundCompleted,
  RefundFailed,
  RefundPending,
  SubscriptionChanged,
  SubscriptionInvoiced,
  TopUpCompleted,
  TopUpFailed,
} from '@orbit/events';
import type { TraceHeaders } from '@orbit/runtime';
import type { AutoReloadPolicy } from '../domain/reload-policy.js';
import type { PaymentSnapshot } from '../domain/decide-topup.js';
import type { TopUp } from '../domain/topup.js';
import type { TopUpState } from '../domain/topup-state.js';

/** Every effect that checkout has, in its own words. Adapters are in outbound/. */
export interface TopUpStore {
  /**
   * Stores a new top-up, or finds the one that has its (organization, key) already.
   * One statement decides between twins; the loser reads the winner's row.
   */
  begin(topup: TopUp, nextCheckAtMs: number): Promise<TopUp>;
  read(topupId: string): Promise<TopUp | null>;
  readByKey(organizationId: string, idempotencyKey: string): Promise<TopUp | null>;
  /** Newest first; `after_id` is the last id of the page before. */
  list(query: TopUpListQuery): Promise<readonly TopUp[]>;
  /** Reads by the ids that Stripe knows, for events whose metadata does not name a top-up. */
  readByPayment(ids: { sessionId?: string; paymentIntentId?: string }): Promise<TopUp | null>;
  /** Takes a top-up that has neither page nor end for one caller until `untilMs`; false while another one holds it. */
  lock(topupId: string, nowMs: number, untilMs: number): Promise<boolean>;
  /** Unlocks the row after a failure; `attempt` becomes part of the next call's key. */
  unlock(topupId: string, attempt: number, nowMs: number): Promise<void>;
  /** Stores the session unless one is stored already, and gives the row as it is then. */
  saveSession(
    topupId: string,
    session: HostedSession,
    nextCheckAtMs: number,
    nowMs: number,
  ): Promise<TopUp>;
  /** Takes up to `limit` open top-ups whose check is due and puts their next check off to `retryAtMs`. */
  takeDue(nowMs: number, retryAtMs: number, limit: number): Promise<readonly TopUp[]>;
  scheduleCheck(topupId: string, nextCheckAtMs: number): Promise<void>;
}

/** Whether an organization still wants to be topped up by itself. */
export interface ReloadPolicies {
  read(organizationId: string): Promise<AutoReloadPolicy | null>;
}

export interface CustomerStore {
  read(organizationId: string): Promise<{ customerId: string; generation: number } | null>;
  /** Keeps the first customer of a generation; answers with the one that is stored. */
  save(
    organizationId: string,
    customerId: string,
    generation: number,
    nowMs: number,
  ): Promise<{ customerId: string; generation: number }>;
}

/** A verified event as it came. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly payload: string;
}

export interface WebhookInbox {
  /** Stores an event once. `processed` says that its effects, if any, are done. */
  receive(event: StoredEvent, nowMs: number): Promise<{ processed: boolean }>;
  readUnprocessed(receivedBeforeMs: number, limit: number): Promise<readonly StoredEvent[]>;
  /** Deletes up to `limit` processed events that came before; returns how many. */
  prune(receivedBeforeMs: number, limit: number): Promise<number>;
}

/** Changes of a top-up; null keeps the column. */
export interface TopUpChange {
  readonly state: TopUpState;
  readonly reason: string | null;
  readonly sessionId: string | null;
  readonly sessionExpiresAtMs: number | null;
  readonly paymentIntentId: string | null;
  /** Replaced each time: an address to authenticate at is worth nothing once the state has moved on. */
  readonly actionUrl: string | null;
  readonly card: PaymentSnapshot['card'];
  readonly receiptEmail: string | null;
  /** The money received; set with the move to a state with money. */
  readonly received: { readonly minor: bigint; readonly currency: string } | null;
  readonly paidAtMs: number | null;
}

/** An operator's decision about a parked top-up. */
export interface Resolution {
  readonly state: 'succeeded' | 'dismissed';
  readonly action: 'credit_received' | 'dismiss';
  readonly reason: string;
}

export type OutboxEvent = {
  readonly eventId: string;
  readonly occurredAtMs: number;
  /** Of what wrote it, when it is read back: the relay works in no trace of its own. */
  readonly trace?: TraceHeaders | undefined;
} & (
  | { readonly topic: 'topup.completed'; readonly value: TopUpCompleted }
  | { readonly topic: 'topup.failed'; readonly value: TopUpFailed }
  | { readonly topic: 'auto_reload.disabled'; readonly value: AutoReloadDisabled }
  | { readonly topic: 'auto_reload.paused'; readonly value: AutoReloadPaused }
  | { readonly topic: 'auto_reload.resumed'; readonly value: AutoReloadResumed }
  | { readonly topic: 'auto_reload.limited'; readonly value: AutoReloadLimited }
  | { readonly topic: 'refund.completed'; readonly value: RefundCompleted }
  | { readonly topic: 'refund.pending'; readonly value: RefundPending }
  | { readonly topic: 'refund.failed'; readonly value: RefundFailed }
  | { readonly topic: 'dispute.opened'; readonly value: DisputeOpened }
  | { readonly topic: 'dispute.closed'; readonly value: DisputeClosed }
  | { readonly topic: 'subscription.changed'; readonly value: SubscriptionChanged }
  | { readonly topic: 'subscription.invoiced'; readonly value: SubscriptionInvoiced }
  | { readonly topic: 'payment.differs'; readonly value: PaymentDiffers }
);

/** The effects that commit together, or not at all. */
export interface SettlementTransaction {
  /** Locks the event; false when another delivery of it has been processed meanwhile. */
  lockEvent(eventId: string): Promise<boolean>;
  closeEvent(eventId: string, outcome: string, nowMs: number): Promise<void>;
  /** Locks the row until the end of the transaction. */
  lockTopUp(topupId: string): Promise<TopUp | null>;
  changeTopUp(topupId: string, change: TopUpChange, nowMs: number): Promise<void>;
  resolveTopUp(topupId: string, resolution: Resolution, nowMs: number): Promise<void>;
  /** Locks the policy until the end of the transaction. Always after the top-up: one lock order. */
  lockPolicy(organizationId: string): Promise<AutoReloadPolicy | null>;
  savePolicy(policy: AutoReloadPolicy, nowMs: number): Promise<void>;
  addToOutbox(event: OutboxEvent): Promise<void>;
}

export interface SettlementStore {
  inTransaction<T>(work: (tx: SettlementTransaction) => Promise<T>): Promise<T>;
}

export interface Outbox {
  /**
   * Locks unpublished events that no other relay holds, in order, gives them to `publish` and marks them.
   * When `publish` throws they stay unpublished. Returns how many were published.
   */
  drain(
    limit: number,
    publish: (events: readonly OutboxEvent[]) => Promise<void>,
    nowMs: number,
  ): Promise<number>;
  /** Deletes up to `limit` events that were published before; returns how many. */
  prune(publishedBeforeMs: number, limit: number): Promise<number>;
}

export interface HostedSession {
  readonly id: string;
  readonly url: string;
  readonly expiresAtMs: number | null;
  readonly paymentIntentId: string | null;
}

/** A call that Stripe did not carry out, or of which we do not know whether it did. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';

  constructor(
    message: string,
    readonly options: {
      /** Stripe has answered with an error, and would repeat that answer for the same key. */
      readonly isFinalForKey: boolean;
      readonly isUnknownCustomer: boolean;
      /** Stripe's word for it, such as `resource_missing`. */
      readonly code?: string | undefined;
      /** Stripe refused what was asked for (4xx): asking again with a new key would be refused again. */
      readonly isRefusal?: boolean;
      readonly cause: unknown;
    },
  ) {
    super(message, { cause: options.cause });
  }
}

/** Stripe. Every call throws ProviderFailure when it cannot be answered. */
export interface PaymentProvider {
  createCustomer(organizationId: string, idempotencyKey: string): Promise<string>;
  createSession(topup: TopUp, customerId: string, idempotencyKey: string): Promise<HostedSession>;
  /** The present truth; null when Stripe knows no such session. */
  readSession(sessionId: string): Promise<PaymentSnapshot | null>;
  /** As readSession, for a payment whose session we have not stored (a crash, or a quick webhook). */
  readSessionOfPayment(paymentIntentId: string): Promise<PaymentSnapshot | null>;
}

export interface SignatureCheck {
  /** The event, or null when the signature does not fit these bytes or is too old. */
  verify(body: Buffer, signature: string, nowMs: number): unknown;
}

/** The part of pino's shape that the use cases need. */
export interface Log {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export interface Sleep {
  (ms: number): Promise<void>;
}
