import { BLOCK_REASONS, CHARGE_REJECTIONS, OUTAGE_POLICY_NAMES } from '../reasons.js';
import { amount, instant, organizationId, walletRef } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  optional,
  record,
  text,
  type Static,
} from '../schema/shape.js';

export const WalletRef = object(walletRef);
export type WalletRef = Static<typeof WalletRef>;

export const OpenWallet = object({
  ...walletRef,
  low_balance_threshold: optional(amount()),
  /** Whose time the wallet lives in. */
  account_id: optional(text({ nullIsAbsent: true })),
});
export type OpenWallet = Static<typeof OpenWallet>;

const wallet = {
  organization_id: text(),
  currency: text(),
  wallet_id: text(),
  balance: text(),
  /** Of the balance: set aside for leases, refunds under way and disputes. Nobody else can spend it. */
  escrowed: text(),
  /** Leases that are not closed. */
  leases_open: integer(),
  /** Remaining amount of these leases; part of `escrowed`. */
  leased: text(),
  /** Sequence number of the last entry. */
  sequence: text(),
  /** Moves with every change; the hot balance that follows from it carries the same. */
  version: text(),
  overdraft_limit: text(),
  low_balance_threshold: nullable(text()),
  outbound_paused: flag(),
  outbound_block_reason: nullable(oneOf(BLOCK_REASONS)),
  last_topped_up_at: nullable(text()),
  created_at: text(),
} as const;
export const WalletView = object(wallet);
export type WalletView = Static<typeof WalletView>;

/** A wallet for somebody who authorizes. */
export const LoadedWalletView = object({
  ...wallet,
  /** The hot balance is unknown now: Redis has lost its memory or is unavailable. Then the policy decides. */
  recovering: flag(),
  outage_policy: oneOf(OUTAGE_POLICY_NAMES),
  outage_budget: text(),
});
export type LoadedWalletView = Static<typeof LoadedWalletView>;

/** By a person; what else pauses a wallet is the ledger's own. */
export const PauseWallet = object({ ...walletRef, paused: flag() });
export type PauseWallet = Static<typeof PauseWallet>;

/** Why money left a wallet without being spent: what somebody took back. Credit that expires is not among them. */
export const TAKING_REASONS = ['refund', 'dispute', 'void', 'amendment', 'adjustment'] as const;
export type TakingReason = (typeof TAKING_REASONS)[number];

/** Facts that auto-reload needs besides the balance: why it fell. */
export const WalletMovementsQuery = object({
  ...walletRef,
  threshold: amount(),
  /** Takings after this entry count; absent: all that `from` leaves. */
  after_sequence: optional(text({ pattern: '^\\d{1,18}$', says: 'is a sequence number' })),
  /** Takings booked since this instant count. */
  from: optional(instant()),
});
export type WalletMovementsQuery = Static<typeof WalletMovementsQuery>;

export const WalletMovementsView = object({
  /** As of WalletView; no entry after `sequence` is in it. */
  balance: text(),
  /** Sequence number of the last entry. */
  sequence: text(),
  /** Last charge after which the balance was below the threshold and never rose to it again; null: none. */
  spent_sequence: nullable(text()),
  /** The first one that counts. */
  taken: nullable(object({ reason: oneOf(TAKING_REASONS), reference: text(), sequence: text() })),
});
export type WalletMovementsView = Static<typeof WalletMovementsView>;

export const ChargeRef = object({ organization_id: organizationId, charge_id: text() });
export type ChargeRef = Static<typeof ChargeRef>;

/** A posted charge as the books have it. */
export const BookedCharge = object({
  channel: text(),
  quantity: integer(),
  metadata: record(),
  /** Authorized amount, in the currency of the outcome: more than its amount when it was captured in part. */
  authorized: text(),
  /** Only units of a plan were captured of it: they are booked under `allowanceChargeId`, in units or in what they fell back on. */
  is_plan_part: flag(),
});
export type BookedCharge = Static<typeof BookedCharge>;

export const ChargeOutcomeView = object({
  charge_id: text(),
  status: oneOf(['posted', 'rejected']),
  reason: nullable(oneOf(CHARGE_REJECTIONS)),
  amount: text(),
  currency: text(),
  balance_after: nullable(text()),
  sequence: nullable(text()),
  slices: list(object({ block_id: text(), amount: text() })),
  /** Of a posted one, in answers to `charge.read`: fields that distinguish its repeat from another charge under the same id. */
  booked: optional(BookedCharge),
});
export type ChargeOutcomeView = Static<typeof ChargeOutcomeView>;

/** Wallets, and what was decided about their charges. Amounts are exact decimal strings; instants ISO 8601 UTC with ms. */
export const WALLETS = {
  /** Idempotent: opens the wallet once. */
  open: operation('wallet.open', OpenWallet, WalletView, ['unsupported_currency']),
  read: operation('wallet.read', WalletRef, nullable(WalletView), ['unsupported_currency']),
  /** Also writes the hot balance to Redis: the ledger is its only writer. */
  load: operation('wallet.load', WalletRef, nullable(LoadedWalletView), ['unsupported_currency']),
  pause: operation('wallet.pause', PauseWallet, WalletView, ['unsupported_currency', 'not_found']),
  movements: operation('wallet.movements', WalletMovementsQuery, nullable(WalletMovementsView), [
    'unsupported_currency',
  ]),
  /** With `booked`; null while the ledger has not decided it, or when it is another organization's. */
  readCharge: operation('charge.read', ChargeRef, nullable(ChargeOutcomeView)),
} as const;
