import {
  BOOKED_CHARGE_ID_PATTERN,
  CHANNEL_PATTERN,
  CHARGE_ID_PATTERN,
  currency,
  instant,
  metadata,
  nullable,
  object,
  organizationId,
  positiveAmount,
  quantity,
  requestedMetadata,
  sequence,
  signedAmount,
  text,
} from './schema.js';

export type Metadata = Readonly<Record<string, string | number | boolean | null>>;

/** Command: charge a wallet. The contract that send and call services write against. */
export interface ChargeRequested {
  /** Made by the caller; the idempotency key for ever, within the organization. */
  readonly charge_id: string;
  readonly organization_id: string;
  /** Positive decimal string, at most six decimals. */
  readonly amount: string;
  readonly currency: string;
  readonly channel: string;
  readonly quantity?: number;
  /**
   * As libs/spend gave it, for a hold that covers this charge: then it always posts. One that is neither
   * signed for this organization, charge and amount nor known to Redis counts as none.
   */
  readonly authorization_id?: string | null;
  readonly occurred_at: string;
  readonly metadata?: Metadata;
}

const chargeId = { type: 'string', pattern: BOOKED_CHARGE_ID_PATTERN } as const;
const channel = { type: 'string', pattern: CHANNEL_PATTERN } as const;

export const chargeRequestedSchema = object(
  {
    charge_id: { type: 'string', pattern: CHARGE_ID_PATTERN },
    organization_id: organizationId,
    amount: positiveAmount,
    currency,
    channel,
    quantity,
    authorization_id: nullable(text),
    occurred_at: instant,
    metadata: requestedMetadata,
  },
  ['quantity', 'authorization_id', 'metadata'],
);

/** One ledger entry of a posted charge: one per credit block used. Amounts are negative: they leave the wallet. */
export interface ChargePostedEntry {
  readonly id: string;
  readonly sequence: string;
  /** Null when the overdraft, not a block, paid. */
  readonly block_id: string | null;
  readonly amount: string;
  readonly balance_after: string;
}

export interface ChargePosted {
  readonly charge_id: string;
  readonly organization_id: string;
  readonly wallet_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly channel: string;
  readonly quantity: number;
  readonly entries: readonly ChargePostedEntry[];
  readonly balance_after: string;
  /** The wallet's sequence number after the charge. */
  readonly sequence: string;
  readonly occurred_at: string;
  readonly posted_at: string;
  readonly metadata: Metadata;
}

const entry = object({
  id: text,
  sequence,
  block_id: nullable(text),
  amount: signedAmount,
  balance_after: signedAmount,
});

export const chargePostedSchema = object({
  charge_id: chargeId,
  organization_id: organizationId,
  wallet_id: text,
  amount: positiveAmount,
  currency,
  channel,
  quantity,
  entries: { type: 'array', items: entry },
  balance_after: signedAmount,
  sequence,
  occurred_at: instant,
  posted_at: instant,
  metadata,
});

export interface ChargeRejected {
  readonly charge_id: string;
  readonly organization_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly channel: string;
  readonly quantity: number;
  readonly reason: string;
  readonly occurred_at: string;
  readonly rejected_at: string;
}

export const chargeRejectedSchema = object({
  charge_id: chargeId,
  organization_id: organizationId,
  amount: positiveAmount,
  currency,
  channel,
  quantity,
  reason: { enum: ['charge_id_conflict', 'paused', 'insufficient_funds'] },
  occurred_at: instant,
  rejected_at: instant,
});
