import { organizationId, walletRef } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  flag,
  integer,
  nullable,
  number,
  object,
  oneOf,
  optional,
  text,
  type Shape,
  type ShapeNotes,
  type Static,
} from '../schema/shape.js';
import { TAKING_REASONS } from '../wallet-ledger/wallets.contract.js';
import { AT_STRIPE, PAYMENT_MINOR_MAX, paymentMinor } from './fields.js';

const COUNT_MAX = 10_000;
/** The terms of auto-reload stand beside balances; a slow checkout must not slow those down for long. */
const READ_TIMEOUT_MS = 1_500;

const count = (notes: ShapeNotes): Shape<number> =>
  integer({ minimum: 1, maximum: COUNT_MAX, ...notes });
/** A sum of several payments: more than one of them may be. */
const total = (notes: ShapeNotes): Shape<number> =>
  integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, ...notes });

/** Minor units of the wallet's currency. What is absent stays as it is; null takes a limit away, or brings its default back. */
const terms = {
  enabled: flag({ example: true }),
  threshold: optional(
    integer({
      example: 5_000,
      minimum: 0,
      maximum: PAYMENT_MINOR_MAX,
      description:
        'Reload when the balance falls below this amount, in minor units. Required on first use.',
    }),
  ),
  amount: optional(
    paymentMinor({
      example: 10_000,
      description:
        'Amount of one step. It is also the limit per payment, unless `max_amount_per_payment` is higher. Required on first use.',
    }),
  ),
  target: optional(
    nullable(
      paymentMinor({
        example: 20_000,
        description: 'Target balance: pay up to it instead of in steps.',
      }),
    ),
  ),
  max_amount_per_payment: optional(
    nullable(
      paymentMinor({
        example: 40_000,
        description:
          'The most that one payment takes: as many steps as close the gap and fit in it. Null or never said: one step, or ' +
          'the target; the payment on switching on then closes the gap that stands.',
      }),
    ),
  ),
  max_reloads_per_day: optional(
    nullable(count({ example: 3, description: 'Limit of reloads per UTC day.' })),
  ),
  max_reloads_per_month: optional(
    nullable(count({ example: 30, description: 'Limit of reloads per UTC month.' })),
  ),
  max_amount_per_day: optional(
    nullable(
      total({
        example: 50_000,
        description: 'Limit per UTC day. Null or unset: ten times the limit per payment.',
      }),
    ),
  ),
  max_amount_per_month: optional(nullable(total({ example: 200_000 }))),
} as const;
export const AutoReloadBody = object(terms, { title: 'AutoReloadBody' });
export type AutoReloadBody = Static<typeof AutoReloadBody>;
export const ConfigureAutoReload = object({ ...terms, ...walletRef });
export type ConfigureAutoReload = Static<typeof ConfigureAutoReload>;

export const AUTO_RELOAD_STATES = [
  'off',
  'armed',
  'charging',
  'requires_action',
  'retrying',
  'capped',
  'paused',
  'disabled',
] as const;

export const AutoReloadView = object(
  {
    enabled: flag({ example: true }),
    threshold: nullable(number({ example: 5_000 })),
    amount: nullable(number({ example: 10_000 })),
    target: nullable(number({ example: null })),
    max_amount_per_payment: nullable(
      number({
        example: 10_000,
        description:
          'The limit in force, whether it was set or is the default; the same goes for `max_amount_per_day`.',
      }),
    ),
    max_reloads_per_day: nullable(number({ example: 3 })),
    max_reloads_per_month: nullable(number({ example: null })),
    max_amount_per_day: nullable(number({ example: 100_000 })),
    max_amount_per_month: nullable(number({ example: null })),
    state: oneOf(AUTO_RELOAD_STATES, {
      example: 'armed',
      description:
        '`disabled`: it turned itself off after three declines; `off`: somebody did; `paused`: money was taken back from the ' +
        'wallet, and nothing is paid until somebody goes on.',
    }),
    paused_reason: nullable(
      oneOf(TAKING_REASONS, {
        example: null,
        description: 'Kind of withdrawal that paused auto-reload; null while it is not paused.',
      }),
    ),
    paused_at: nullable(text({ example: null })),
    declines: number({
      example: 0,
      description: 'Failures in a row; at three, auto-reload turns itself off.',
    }),
    last_error: nullable(text({ example: null })),
    last_error_at: nullable(text({ example: null })),
    action_url: nullable(
      text({
        example: null,
        description: 'Address at which a person authenticates the waiting payment.',
      }),
    ),
    /** When a payment is possible again, after a decline or a cap. */
    next_attempt_at: nullable(text({ example: null })),
    updated_at: nullable(text({ example: '2026-05-16T11:22:33.444Z' })),
  },
  { title: 'AutoReloadTermsModel' },
);
export type AutoReloadView = Static<typeof AutoReloadView>;

const ofOrganization = object({ organization_id: organizationId });

/** When and by how much a wallet is topped up by itself. */
export const AUTO_RELOAD = {
  read: operation('auto_reload.read', ofOrganization, AutoReloadView, [], {
    timeoutMs: READ_TIMEOUT_MS,
  }),
  configure: operation(
    'auto_reload.configure',
    ConfigureAutoReload,
    AutoReloadView,
    ['unsupported_currency'],
    AT_STRIPE,
  ),
  /** Goes on after a pause; changes nothing otherwise. */
  resume: operation('auto_reload.resume', ofOrganization, AutoReloadView, [], AT_STRIPE),
} as const;
