import { OUTAGE_POLICY_NAMES } from '../reasons.js';
import {
  amount,
  instant,
  organizationId,
  positiveAmount,
  reason,
  reference,
  shownAmount,
  signedAmount,
  unitOfOrganization,
  walletRef,
} from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  flag,
  integer,
  nullable,
  object,
  oneOf,
  optional,
  text,
  type Static,
} from '../schema/shape.js';
import { change } from './fields.js';
import { BookedView } from './transaction.shape.js';

/** A year: longer than any usage is late. */
const GRACE_SECONDS_MAX = 31_536_000;

/** Only what is named changes. */
const policies = {
  overdraft_limit: optional(
    amount({ example: '0.00', description: 'How far below zero charges may take the balance.' }),
  ),
  low_balance_threshold: optional(
    nullable(
      amount({
        example: '5.00',
        description:
          'Threshold of `balance.low`, published when the balance falls below it; null: never.',
      }),
    ),
  ),
  late_usage_grace_seconds: optional(
    integer({
      example: 172_800,
      minimum: 0,
      maximum: GRACE_SECONDS_MAX,
      description:
        'Grace: usage that arrives within this time after a block expired may draw on it.',
    }),
  ),
  settle_late: optional(
    flag({
      example: false,
      description: 'Whether a capture after the expiry of its hold still posts.',
    }),
  ),
  outage_policy: optional(
    oneOf(OUTAGE_POLICY_NAMES, {
      description: 'Policy of authorization while hot balances are not trusted.',
    }),
  ),
  outage_budget: optional(
    amount({ example: '10.00', description: 'For `open_with_budget`: how much in all.' }),
  ),
} as const;
export const PoliciesBody = object(policies, { title: 'PoliciesBody' });
export type PoliciesBody = Static<typeof PoliciesBody>;
export const ConfigureWallet = object({ ...policies, ...walletRef });
export type ConfigureWallet = Static<typeof ConfigureWallet>;

export const WalletPoliciesView = object(
  {
    organization_id: text({ example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
    wallet_id: text({ example: 'wal_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
    currency: text({ example: 'usd' }),
    overdraft_limit: shownAmount('0.00'),
    low_balance_threshold: nullable(shownAmount('5.00')),
    late_usage_grace_seconds: integer({ example: 172_800 }),
    settle_late: flag({ example: false }),
    outage_policy: oneOf(OUTAGE_POLICY_NAMES),
    outage_budget: shownAmount('0.00'),
  },
  { title: 'PoliciesModel' },
);
export type WalletPoliciesView = Static<typeof WalletPoliciesView>;

const adjustment = {
  /** More comes in as a block of its own, less is drawn from the blocks in their order. */
  amount: signedAmount({
    example: '-5.00',
    description: 'Signed: more becomes a block, less is drawn.',
  }),
  currency: unitOfOrganization(),
  /** Stands in the entry for ever. */
  reason: reason({ example: 'outage of May 16' }),
  reference: reference({
    example: 'inc-2041',
    description: 'Identifier chosen by the client; a repeat books nothing.',
  }),
  allow_negative: optional(
    flag({
      default: false,
      description: 'Book it even when the balance does not cover it.',
      nullIsAbsent: true,
    }),
  ),
} as const;
export const AdjustmentBody = object(adjustment, { title: 'AdjustmentBody' });
export type AdjustmentBody = Static<typeof AdjustmentBody>;
export const AdjustWallet = object({ ...adjustment, ...walletRef });
export type AdjustWallet = Static<typeof AdjustWallet>;

const reversal = {
  ...change,
  amount: optional(
    positiveAmount({
      example: '0.0075',
      description: 'Default: the whole amount that is not reversed yet.',
    }),
  ),
  extend_to: optional(
    instant({
      example: '2026-06-30T00:00:00.000Z',
      description:
        'Credit that returns to an expired block may be spent until then. Default: it expires on arrival.',
    }),
  ),
} as const;
export const ReversalBody = object(reversal, { title: 'ReversalBody' });
export type ReversalBody = Static<typeof ReversalBody>;
/** Gives back what a charge took, to the blocks that paid it; never more than was charged, over all reversals. */
export const ReverseCharge = object({
  ...reversal,
  organization_id: organizationId,
  charge_id: text(),
});
export type ReverseCharge = Static<typeof ReverseCharge>;

/** Policies of a wallet, and what an operator corrects in it. */
export const CORRECTIONS = {
  /** Opens no wallet. */
  configure: operation('wallet.configure', ConfigureWallet, WalletPoliciesView, [
    'unsupported_currency',
    'not_found',
  ]),
  readPolicies: operation('wallet.policies', object(walletRef), WalletPoliciesView, [
    'unsupported_currency',
    'not_found',
  ]),
  adjust: operation('wallet.adjust', AdjustWallet, BookedView, [
    'unsupported_currency',
    'insufficient_funds',
    'idempotency_key_conflict',
  ]),
  /** The reference is unique per charge. */
  reverse: operation('charge.reverse', ReverseCharge, BookedView, [
    'not_found',
    'conflict',
    'idempotency_key_conflict',
  ]),
} as const;
