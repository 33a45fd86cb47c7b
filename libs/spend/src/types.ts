import type { BlockReason, Refusal } from '@orbit/contracts';
import type { Currency, Micros } from '@orbit/money';

/** A caller's wish to spend. The same id with the same values is the same charge, for ever. */
export interface ChargeIntent {
  readonly organizationId: string;
  /** Made by the caller; the idempotency key of the charge. */
  readonly chargeId: string;
  /** More than zero, at most 2^53. */
  readonly amountMicros: Micros;
  readonly currency: Currency;
  readonly channel: string;
  /** Whole units, at least 1. */
  readonly quantity: number;
  /** Part of the charge's identity, whatever the order of its keys. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The operator's upstream cost, a decimal string in the currency of the charge: at most 18 decimals. */
  readonly cost?: string;
  /** When it happened at the caller; the client's clock by default. Not part of the identity. */
  readonly occurredAtMs?: number;
}

/** Asks the ledger to announce the outcome on this Redis channel (Kafka header `orbit_reply_to`). */
export interface PublishOptions {
  readonly replyTo?: string;
}

export interface Authorized {
  readonly status: 'authorized';
  readonly authorizationId: string;
  readonly chargeId: string;
  readonly amountMicros: Micros;
  /**
   * The spendable amount right after the hold was made; a replay repeats the first number. Authorized by an outage
   * policy: the rest of this process's budget, 0 when there is none.
   */
  readonly availableAfterMicros: Micros;
  /** Unix milliseconds by the Redis clock. */
  readonly expiresAtMs: number;
  readonly replayed: boolean;
}

/** An expected answer, never an error. Precedence: see README.md, "Refusals". */
export interface Refused {
  readonly status: 'refused';
  readonly reason: Refusal;
  /** The amount that the wallet could spend at that moment; null when the script did not get that far. */
  readonly availableMicros: Micros | null;
  /** Set when the reason is `paused`, or `insufficient_funds` of a wallet that ran dry. */
  readonly pausedReason: BlockReason | null;
  /**
   * Only with `charge_id_conflict`: the values agree, but the charge id's authorization has ended
   * without a charge, and `charge` cannot bring it back.
   */
  readonly endedAs: 'released' | 'expired' | null;
}

export type AuthorizeResult = Authorized | Refused;

export interface Captured {
  readonly status: 'captured';
  readonly authorizationId: string;
  readonly chargeId: string;
  readonly currency: Currency;
  /** The amount that will be posted. */
  readonly amountMicros: Micros;
  /** The rest of the hold, free again since the first capture. */
  readonly returnedMicros: Micros;
  readonly availableAfterMicros: Micros;
  readonly replayed: boolean;
}

export interface Released {
  readonly status: 'released';
  readonly authorizationId: string;
  readonly chargeId: string;
  readonly currency: Currency;
  readonly amountMicros: Micros;
  readonly availableAfterMicros: Micros;
  readonly replayed: boolean;
}

/** Why a capture changed nothing. `unavailable` alone is worth a repeat. */
export type CaptureRefusal =
  | 'not_found'
  /** Captured before, with another amount. */
  | 'conflict'
  | 'released'
  | 'expired'
  | 'exceeds_hold'
  | 'unavailable';

export type ReleaseRefusal = 'not_found' | 'captured' | 'expired' | 'unavailable';

export type CaptureResult = Captured | { readonly status: CaptureRefusal };
export type ReleaseResult = Released | { readonly status: ReleaseRefusal };

export interface Charged {
  readonly status: 'charged';
  readonly authorizationId: string;
  readonly chargeId: string;
  readonly amountMicros: Micros;
  readonly availableAfterMicros: Micros;
  readonly replayed: boolean;
}

export type ChargeResult = Charged | Refused;

/** Value of `charge.requested` (the schema is in @orbit/events). */
export interface ChargeRequestedValue {
  readonly charge_id: string;
  readonly organization_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly channel: string;
  readonly quantity: number;
  readonly authorization_id: string;
  readonly occurred_at: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface ChargeEvent {
  /** The organization. */
  readonly key: string;
  readonly value: ChargeRequestedValue;
  /** The charge id: a repeat carries the same one. */
  readonly id: string;
  readonly timeMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Resolves when every replica in sync has the event; rejects when that is not known. */
export interface ChargePublisher {
  publish(event: ChargeEvent): Promise<void>;
}

/** The policy of authorization while hot balances cannot be trusted; closed by default. */
export type OutagePolicy = 'closed' | 'open_with_budget' | 'open';

/** A wallet as the ledger answers for it. */
export interface LoadedWallet {
  /** Redis has lost its memory, and the ledger has not read everything yet that was captured before. */
  readonly isRecovering: boolean;
  readonly outagePolicy: OutagePolicy;
  /** The most that may be authorized meanwhile; for `open_with_budget`. */
  readonly outageBudgetMicros: Micros;
  readonly pausedReason: BlockReason | null;
}

/** Brings a wallet that Redis does not know from the ledger, which writes it there itself. */
export interface WalletLoader {
  /** Null when there is no such wallet. */
  load(organizationId: string, currency: Currency): Promise<LoadedWallet | null>;
}

/** Absolute state of a wallet as the ledger committed it. */
export interface HotWallet {
  readonly organizationId: string;
  readonly currency: Currency;
  readonly postedMicros: Micros;
  /** The wallet's sequence: a smaller one never overwrites a larger one. */
  readonly version: bigint;
  readonly overdraftMicros: Micros;
  /** Set aside in the ledger for leases, refunds and disputes; nobody else may spend it. */
  readonly escrowedMicros: Micros;
  /** A capture that comes after its hold has expired is posted all the same, instead of refused. */
  readonly allowsLateCapture: boolean;
  readonly pausedReason: BlockReason | null;
  /** First instant at which this state is no longer true by itself: a block begins or expires. Null: never. */
  readonly validUntilMs: number | null;
}

export interface HotBalance extends HotWallet {
  /** Σ of open holds, captured charges not posted yet, and the ledger's open claims. */
  readonly heldMicros: Micros;
  /** posted + overdraft − escrowed − held. */
  readonly availableMicros: Micros;
}

export interface ClaimedCharge {
  readonly chargeId: string;
  readonly amountMicros: Micros;
}

export interface ClaimRequest {
  readonly wallet: HotWallet;
  /** Names the reader of the batch (topic and partition): its next claim on the wallet replaces this one. */
  readonly claimId: string;
  /** In the order in which the ledger will post them. */
  readonly charges: readonly ClaimedCharge[];
  /** Longer than the ledger needs from here to its confirmation. */
  readonly ttlMs: number;
}

/**
 * `authorized`: an open hold covers it (and is captured now, so that it cannot expire);
 * `granted`: fits what is available and is reserved by the claim; `refused`: fits neither.
 */
export type ClaimOutcome = 'authorized' | 'granted' | 'refused';

export interface ClaimResult {
  /** One per charge, in the same order. */
  readonly outcomes: readonly ClaimOutcome[];
}

export interface PostedCharge extends ClaimedCharge {
  readonly outcome: 'posted' | 'rejected';
}

export interface Settlement {
  readonly wallet: HotWallet;
  readonly charges: readonly PostedCharge[];
  /** The claim that ends with this settlement. */
  readonly claimId: string | null;
}

/** A capture that the ledger has not posted. */
export interface UnsettledCharge {
  readonly chargeId: string;
  readonly amountMicros: Micros;
  readonly capturedAtMs: number;
}
