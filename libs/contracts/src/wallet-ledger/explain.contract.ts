import type { ChargeRejection } from '../reasons.js';
import { shownInstant } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  text,
  type Shape,
  type ShapeNotes,
  type Static,
} from '../schema/shape.js';
import { BLOCK_KINDS } from './fields.js';
import type { TransactionType } from './transaction.shape.js';
import { ChargeRef } from './wallets.contract.js';

const HASH = '5a1e…';
const INSTANT = '2026-05-16T11:21:18.901Z';
const CHARGE_ID = 'sms_msg_01J9KP3R5W8YEQ4DXG6N7H2VKZ';

/** The document names neither the types of entries here nor the reasons of a rejection: more may come. */
const entryType = (notes: ShapeNotes) => text(notes) as Shape<TransactionType>;

/** The requested charge, as it was requested. */
export const ChargeRequestView = object(
  {
    charge_id: text({ example: CHARGE_ID }),
    amount: text({ example: '0.0075' }),
    currency: text({ example: 'USD' }),
    channel: nullable(text({ example: 'sms' })),
    quantity: nullable(number({ example: 1 })),
    metadata: record({} as Shape<unknown>, { example: { country: '1' } }),
    occurred_at: nullable(shownInstant(INSTANT)),
  },
  { title: 'ExplainedRequestModel' },
);
export type ChargeRequestView = Static<typeof ChargeRequestView>;

/** How a price became an amount. */
export const ChargeRating = object(
  {
    price_id: text({ example: 'chat', description: 'Name of the price on the rate card.' }),
    /** Versions of the account's card and of the organization's: `3.1`. */
    price_version: text({ example: '3.1' }),
    /** By dimension; `quantity` of a price without dimensions. */
    quantities: record(text()),
    /** As a person reads it. */
    formula: text({
      example: 'input: 1234 × 0.0000025 = 0.003085; output: 567 × 0.00001 = 0.00567',
    }),
    unrounded_amount: text({
      example: '0.008755',
      description: 'Exact amount before the single rounding.',
    }),
  },
  { title: 'RatingModel' },
);
export type ChargeRating = Static<typeof ChargeRating>;

/** Both null: it was charged without being asked for before. */
const ExplainedAuthorization = object(
  {
    authorization_id: nullable(text(), {
      description: 'The hold that covered it. Null: a lease paid it, or it came without a hold.',
    }),
    lease_id: nullable(text(), {
      description: 'The lease that paid it. A charge that its lease did not cover has none.',
    }),
  },
  { title: 'ExplainedAuthorizationModel' },
);

/** The part of a charge that the allowance of a plan paid. */
export const ExplainedPlan = object(
  {
    plan_id: text({ example: 'plan_growth' }),
    subscription_id: text(),
    unit: text({ example: 'messages' }),
    amount: text({ example: '3', description: 'Amount that the plan paid, in its unit.' }),
    charge_id: nullable(text({ example: `${CHARGE_ID}~plan` }), {
      description:
        'The charge that booked this part beside the one of money; explain it as any other. Null: this very charge.',
    }),
  },
  { title: 'ExplainedPlanModel' },
);
export type ExplainedPlan = Static<typeof ExplainedPlan>;

const BlockOrigin = object(
  {
    entry_id: text({ example: 'ct_1_1' }),
    type: entryType({ example: 'topup' }),
    reference: text({ example: 'topup:tu_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
    amount: text({ example: '100.00' }),
    booked_at: shownInstant(INSTANT),
  },
  { title: 'BlockOriginModel', description: 'The entry that brought the credit in.' },
);

export const ExplainedBlock = object(
  {
    kind: oneOf(BLOCK_KINDS),
    priority: number({ example: 0 }),
    expires_at: nullable(text()),
    origin: BlockOrigin,
    /** Around this charge. */
    remaining_before: nullable(text({ example: '99.985' }), {
      description: 'Null where that would take reading very many entries.',
    }),
    remaining_after: nullable(text({ example: '99.9775' })),
  },
  { title: 'ExplainedBlockModel' },
);
export type ExplainedBlock = Static<typeof ExplainedBlock>;

/** A part of the charge and the credit that paid it. */
export const ExplainedSlice = object(
  {
    block_id: nullable(text(), { description: 'Null when the overdraft carried the amount.' }),
    amount: text({ example: '0.0075' }),
    block: nullable(ExplainedBlock),
  },
  { title: 'ExplainedSliceModel' },
);
export type ExplainedSlice = Static<typeof ExplainedSlice>;

export const MerkleStepView = object(
  { side: oneOf(['left', 'right']), hash: text({ example: HASH }) },
  { title: 'MerkleStepModel' },
);
export type MerkleStepView = Static<typeof MerkleStepView>;

const SealRange = object(
  {
    first_sequence: text({ example: '41' }),
    last_sequence: text({ example: '57' }),
    digest: text({ example: HASH }),
    path: list(MerkleStepView, { description: 'From the chain hash to the digest.' }),
  },
  { title: 'SealRangeModel' },
);

const SealRoot = object(
  {
    root_no: text({ example: '812' }),
    root: text({ example: HASH, description: 'As published in `ledger.sealed`.' }),
    canonical: text({ description: 'The text whose SHA-256 is `root`.' }),
    merkle_root: text({ example: HASH }),
    path: list(MerkleStepView, { description: 'From the digest to the Merkle root.' }),
    sealed_at: shownInstant(INSTANT),
  },
  { title: 'SealRootModel' },
);

const EntrySeal = object(
  {
    status: oneOf(['pending', 'sealed'], { description: 'Sealed within seconds of its booking.' }),
    canonical: optional(text({ description: 'Canonical text of the entry.' })),
    previous_hash: optional(text({ example: HASH })),
    chain_hash: optional(
      text({
        example: HASH,
        description: 'SHA-256 of `previous_hash`, a line feed and `canonical`.',
      }),
    ),
    seal: optional(SealRange),
    root: optional(SealRoot),
  },
  { title: 'EntrySealModel' },
);
/** `docs/proof.md` says how each of these hashes is made. The document shows both cases as one, in fields that may be absent. */
export type ExplainedSeal =
  | { readonly status: 'pending' }
  | ({ readonly status: 'sealed' } & Required<Omit<Static<typeof EntrySeal>, 'status'>>);

export const ExplainedEntry = object(
  {
    id: text({ example: 'ct_1_2s' }),
    sequence: text({ example: '42' }),
    type: entryType({ example: 'spend' }),
    from_account: text({ example: 'wallet' }),
    to_account: text({ example: 'revenue' }),
    /** As the wallet sees it: negative takes from it. */
    amount: text({ example: '-0.0075' }),
    balance_before: text({ example: '99.985' }),
    balance_after: text({ example: '99.9775' }),
    block_id: nullable(text({ example: 'blk_1_1' })),
    reference: text({ example: `charge:${CHARGE_ID}` }),
    booked_at: shownInstant(INSTANT),
    seal: EntrySeal as Shape<unknown> as Shape<ExplainedSeal>,
  },
  { title: 'ExplainedEntryModel' },
);
export type ExplainedEntry = Static<typeof ExplainedEntry>;

/** A reversal of a charge by an operator, under one reference. */
export const ExplainedReversal = object(
  {
    reference: text({ example: 'rev_inc_2041', description: 'Name that the operator chose.' }),
    amount: text({ example: '0.0075' }),
    sequence: text({ example: '57', description: 'Sequence number of its first entry.' }),
    entries: list(ExplainedEntry, {
      description:
        'Returned amounts, and those that left again at once because their block had ended (`expiry`, `void`).',
    }),
    booked_at: shownInstant(INSTANT),
  },
  { title: 'ExplainedReversalModel' },
);
export type ExplainedReversal = Static<typeof ExplainedReversal>;

const DECIDED = ['posted', 'rejected'] as const;
/** `accepted`: captured and on its way to the books; the others never reach them unless something more is asked. */
const UNDECIDED = ['accepted', 'authorized', 'released', 'expired'] as const;
export type UndecidedStatus = (typeof UNDECIDED)[number];

const rejection = nullable(text() as Shape<ChargeRejection>, {
  description: 'Reason of the rejection.',
});
const explained = {
  reason: rejection,
  request: { ...ChargeRequestView, description: 'The charge as it was requested.' },
  rating: nullable(ChargeRating, {
    description: 'How a price became the amount. Null: the caller sent the amount.',
  }),
  authorization: ExplainedAuthorization,
  plan: nullable(ExplainedPlan, {
    description: 'The part that the allowance of a plan paid; null: none.',
  }),
  slices: list(ExplainedSlice, { description: 'The credit that paid it.' }),
  entries: list(ExplainedEntry),
  balance_before: nullable(text({ example: '99.985' })),
  balance_after: nullable(text({ example: '99.9775' })),
} as const;
/** In the order of booking; empty while nothing was given back. */
const reversals = list(ExplainedReversal, {
  description:
    'Reversals by an operator, in the order of booking. The part that a plan paid is reversed under its own charge.',
});

export const ChargeExplanation = object({
  charge_id: text(),
  wallet_id: text(),
  status: oneOf(DECIDED),
  ...explained,
  decided_at: text(),
  reversals,
});
export type ChargeExplanation = Static<typeof ChargeExplanation>;

/** As answers over HTTP show it, also of a charge that the ledger has not decided. */
export const ShownExplanation = object(
  {
    charge_id: text({ example: CHARGE_ID }),
    wallet_id: nullable(text()),
    status: oneOf([...DECIDED, ...UNDECIDED]),
    ...explained,
    decided_at: nullable(shownInstant(INSTANT)),
    reversals,
  },
  { title: 'ExplanationModel' },
);
export type ShownExplanation = Static<typeof ShownExplanation>;

export const EXPLAIN = {
  /** Null when the ledger has not decided it. */
  charge: operation('charge.explain', ChargeRef, nullable(ChargeExplanation)),
} as const;
