import { organizationId, walletRef } from '../schema/fields.js';
import { namesOf, operation } from '../schema/operation.js';
import { flag, list, object, text, type Static } from '../schema/shape.js';
import { WalletRef } from './wallets.contract.js';

export const BALANCE_STEPS_WALLETS_MAX = 1_000;

export const BalanceStepsAsk = object({
  ...walletRef,
  /** Entries after this one are returned. */
  after_sequence: text({ pattern: '^\\d{1,18}$', says: 'is a whole number as text' }),
});
export type BalanceStepsAsk = Static<typeof BalanceStepsAsk>;

/** One entry of the books, and the balance that it left. */
export const BalanceStepView = object({
  sequence: text(),
  balance: text(),
  booked_at: text(),
  /** It was spent; false: it came in, expired, or was taken back. */
  is_spending: flag(),
});
export type BalanceStepView = Static<typeof BalanceStepView>;

/** Oldest first, at most 500; ask again after the last one. */
export const WalletSteps = object({ steps: list(BalanceStepView) });
export type WalletSteps = Static<typeof WalletSteps>;

/** `currency`: or a unit. */
export const WalletBalance = object({ currency: text(), balance: text() });
export type WalletBalance = Static<typeof WalletBalance>;

/** How balances moved. Amounts are exact decimal strings. */
export const BALANCE_STEPS = {
  /** One answer each, in their order. */
  after: operation(
    'balance_steps.after',
    object({ wallets: list(BalanceStepsAsk, { maxItems: BALANCE_STEPS_WALLETS_MAX }) }),
    list(WalletSteps),
    ['unsupported_currency'],
  ),
  /** Sequence "0" where there is no wallet, or nothing was ever booked. */
  last: operation('balance_steps.last', WalletRef, BalanceStepView, ['unsupported_currency']),
  /** Every wallet of a customer, at most 100. */
  balances: operation(
    'balance_steps.balances',
    object({ organization_id: organizationId }),
    list(WalletBalance),
  ),
} as const;

/** The names on the wire, for who asks without a client. */
export const BALANCE_STEPS_RPC = namesOf(BALANCE_STEPS);
