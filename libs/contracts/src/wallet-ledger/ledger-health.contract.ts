import { organizationId, shownInstant, unitFilter, walletRef } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  flag,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  text,
  type Static,
} from '../schema/shape.js';

const INSTANT = '2026-05-16T12:00:00.000Z';

export const CheckView = object(
  {
    check: text({ example: 'entries_add_up' }),
    fact: text({ example: 'the balance is the balance after the last entry' }),
    last_true_at: nullable(shownInstant(INSTANT)),
    last_run_at: nullable(shownInstant(INSTANT)),
    wallets: number({ example: 412, description: 'Wallets of the last run.' }),
    holds: flag({ example: true }),
  },
  { title: 'CheckModel' },
);
export type CheckView = Static<typeof CheckView>;

const breach = {
  currency: text({ example: 'USD' }),
  check: text({ example: 'balance_is_last_entry' }),
  fact: text(),
  expected: text({ example: '9992500', description: 'Micros.' }),
  actual: text({ example: '9992505' }),
  since: shownInstant(INSTANT),
} as const;
const { currency: _currency, ...breachOfWallet } = breach;
export const BreachView = object({ organization_id: text(), wallet_id: text(), ...breach });
export type BreachView = Static<typeof BreachView>;

/** As answers over HTTP show it. */
const ShownBreach = object(
  {
    organization_id: optional(
      text({
        example: 'org_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B',
        description: 'Returned to the operator key only, like the wallet.',
      }),
    ),
    wallet_id: optional(text({ example: 'wal_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' })),
    ...breach,
  },
  { title: 'BreachModel' },
);

const stall = {
  what: text({ example: 'charge.requested/3', description: 'A partition, or `captures`.' }),
  state: oneOf(['stopped', 'failing', 'unsettled'], {
    description:
      '`stopped` by a broken invariant until a restart; `failing` on the same batch again and again; `unsettled`: captures that were sent several times and are not in the books.',
  }),
} as const;
const stallSince = { since: shownInstant(INSTANT), what_to_do: text() } as const;
/** A stall that lasts until a person repairs its cause; everything else goes on. `detail` is the last error. */
const StallView = object({ ...stall, detail: text(), ...stallSince });
const ShownStall = object(
  {
    ...stall,
    detail: optional(
      text({ description: 'Error of the stall; returned to the operator key only.' }),
    ),
    ...stallSince,
  },
  { title: 'StallModel' },
);

const SealingView = object(
  {
    root_no: nullable(text({ example: '812' })),
    root: nullable(text({ example: '5a1e…' })),
    sealed_at: nullable(shownInstant(INSTANT)),
    /** In milliseconds; null when that never was. */
    lag_ms: nullable(number(), { description: 'Time since everything known was sealed.' }),
  },
  { title: 'SealingModel' },
);

const TurnView = object(
  { in_last_turn: number({ example: 1_204 }), last_turn_at: nullable(shownInstant(INSTANT)) },
  { title: 'TurnModel' },
);

/** `ok`: the books hold and everything moves. */
const overall = {
  status: oneOf(['ok', 'degraded']),
  reasons: list(text(), { description: 'Reasons of a degraded status; empty otherwise.' }),
  holds: flag({ example: true, description: 'Every check held recently and no breach is open.' }),
} as const;
const rest = {
  breach_count: number({ example: 0, description: 'Wallets with open breaches.' }),
  sealing: SealingView,
  wallets: { ...TurnView, description: 'The pass over all wallets.' },
  checked_at: shownInstant(INSTANT),
} as const;

export const LedgerHealth = object({
  ...overall,
  stalls: list(StallView),
  checks: list(CheckView),
  /** The list is cut; `breach_count` counts all of them. */
  breaches: list(BreachView),
  ...rest,
});
export type LedgerHealth = Static<typeof LedgerHealth>;

/** As answers over HTTP show it: to anybody without the names, to the operator with them. */
export const ShownLedgerHealth = object(
  {
    ...overall,
    stalls: list(ShownStall, {
      description: 'Partitions and captures that are stuck until a person repairs the cause.',
    }),
    checks: list(CheckView),
    breaches: list(ShownBreach, {
      description: 'Open breaches, oldest first; at most 50 wallets.',
    }),
    ...rest,
  },
  { title: 'LedgerHealthModel' },
);
export type ShownLedgerHealth = Static<typeof ShownLedgerHealth>;

const clear = flag({
  default: false,
  nullIsAbsent: true,
  description: 'Lift the freeze when every check holds.',
});
export const RecheckBody = object(
  { clear, currency: unitFilter({ example: 'USD', description: 'All wallets when absent.' }) },
  { title: 'RecheckBody' },
);
export type RecheckBody = Static<typeof RecheckBody>;

export const RecheckRequest = object({
  organization_id: organizationId,
  currency: optional(walletRef.currency),
  clear,
});
export type RecheckRequest = Static<typeof RecheckRequest>;

const rechecked = {
  organization_id: text(),
  currency: text({ example: 'USD' }),
  wallet_id: text(),
  outbound_paused: flag(),
  outbound_block_reason: nullable(text({ example: 'reconciliation' })),
} as const;
export const RecheckedWallets = object({
  wallets: list(object({ ...rechecked, breaches: list(object(breachOfWallet)) })),
});
export type RecheckedWallets = Static<typeof RecheckedWallets>;

export const ShownRechecked = object(
  {
    wallets: list(
      object(
        {
          ...rechecked,
          breaches: list(ShownBreach, {
            description: 'Breaches that are open now; empty when every check holds.',
          }),
        },
        { title: 'RecheckedWalletModel' },
      ),
    ),
  },
  { title: 'RecheckedModel' },
);

/** Whether the books hold, and the only way out of a freeze. */
export const LEDGER_HEALTH = {
  read: operation('ledger.health', object({}), LedgerHealth),
  /** Null when there is no such wallet. */
  recheck: operation('ledger.recheck', RecheckRequest, nullable(RecheckedWallets), [
    'unsupported_currency',
  ]),
} as const;
