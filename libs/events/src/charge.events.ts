import {
  BOOKED_CHARGE_ID_PATTERN,
  CHANNEL_PATTERN,
  CHARGE_ID_PATTERN,
  COST_PATTERN,
  PRICE_NAME_PATTERN,
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
  /** The operator's upstream cost, in the currency of the charge; goes before that of the price. */
  readonly cost?: string;
  readonly occurred_at: string;
  readonly metadata?: Metadata;
}

/** The same by the name of a price of the rate card: the ledger rates it by the newest card in force at `occurred_at`. */
export interface ChargeRequestedByPrice extends Omit<
  ChargeRequested,
  'amount' | 'currency' | 'channel' | 'quantity'
> {
  readonly price: string;
  /** Of a price without dimensions: a whole number, or a decimal string. */
  readonly quantity?: number | string;
  /** Quantities of a price with dimensions, by the dimensions' names. */
  readonly quantities?: Readonly<Record<string, number | string>>;
}

export const isByPrice = (
  charge: ChargeRequested | ChargeRequestedByPrice,
): charge is ChargeRequestedByPrice => 'price' in charge;

const chargeId = { type: 'string', pattern: BOOKED_CHARGE_ID_PATTERN } as const;
const channel = { type: 'string', pattern: CHANNEL_PATTERN } as const;

/** Exact: a whole number up to 10^15, or a decimal string. */
const ratedQuantity = {
  anyOf: [
    { type: 'integer', minimum: 0, maximum: 1_000_000_000_000_000 },
    { type: 'string', pattern: '^\\d{1,16}(\\.\\d{1,18})?$' },
  ],
} as const;
const PRICED = { type: 'object', properties: { price: {} }, required: ['price'] } as const;
const IN_MONEY = ['amount', 'currency', 'channel'];

export const chargeRequestedSchema = {
  ...object(
    {
      charge_id: { type: 'string', pattern: CHARGE_ID_PATTERN },
      organization_id: organizationId,
      amount: positiveAmount,
      currency,
      channel,
      quantity: ratedQuantity,
      price: { type: 'string', pattern: PRICE_NAME_PATTERN },
      quantities: {
        type: 'object',
        minProperties: 1,
        maxProperties: 8,
        additionalProperties: ratedQuantity,
      },
      authorization_id: nullable(text),
      cost: { type: 'string', pattern: COST_PATTERN },
      occurred_at: instant,
      metadata: requestedMetadata,
    },
    [...IN_MONEY, 'quantity', 'price', 'quantities', 'authorization_id', 'cost', 'metadata'],
  ),
  // An amount, or a price that says it.
  if: PRICED,
  then: {
    type: 'object',
    properties: { amount: false, currency: false, channel: false },
  },
  else: {
    type: 'object',
    properties: { amount: {}, currency: {}, channel: {}, quantity, quantities: false },
    required: IN_MONEY,
  },
} as const;

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
