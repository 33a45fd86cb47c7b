import {
  amount,
  instant,
  organizationId,
  reference,
  shownAmount,
  shownInstant,
  shownWalletRef,
  walletRef,
} from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  integer,
  list,
  nullable,
  object,
  oneOf,
  optional,
  text,
  type Static,
} from '../schema/shape.js';
import { BLOCK_KINDS, grantTerms } from './fields.js';

const ROLLOVER_PERIODS_MAX = 36;
export const GRANT_CADENCES = ['day', 'week', 'month', 'year'] as const;
export type GrantCadence = (typeof GRANT_CADENCES)[number];
const EXPIRES = ['period', 'never'] as const;
const STATES = ['active', 'ended', 'cancelled'] as const;

/** A grant that repeats. Period n begins n cadences after the anchor, in the civil time of the zone. */
const schedule = {
  ...grantTerms,
  reference: reference({
    example: 'welcome-2026',
    description: 'Identifier chosen by the client; a repeat grants nothing.',
  }),
  cadence: oneOf(GRANT_CADENCES, { example: 'month' }),
  /** Of periods before the creation, only the running one is granted. */
  anchor_at: optional(
    instant({
      example: '2026-01-31T00:00:00.000Z',
      description:
        'Start of the first period; default now. Months of fewer days begin on their last one, without drift.',
    }),
  ),
  time_zone: optional(
    text({
      minLength: 1,
      maxLength: 64,
      example: 'Europe/Berlin',
      default: 'UTC',
      description: 'IANA zone in whose civil time the periods are counted.',
      nullIsAbsent: true,
    }),
  ),
  /** Credit of a period expires with it, except what rolls over, or never. */
  expires: optional(oneOf(EXPIRES, { default: 'period' })),
  rollover_cap: optional(
    amount({ example: '10.00', description: 'Maximum amount that rolls over in all; default 0.' }),
  ),
  rollover_periods: optional(
    integer({
      example: 1,
      minimum: 0,
      maximum: ROLLOVER_PERIODS_MAX,
      description:
        'Number of further periods that rolled-over credit may last; default 1 with a cap.',
    }),
  ),
  /** First instant at which no further period begins. */
  ends_at: optional(
    instant({
      example: '2027-01-31T00:00:00.000Z',
      description: 'End of the schedule: no period begins at or after this instant.',
    }),
  ),
} as const;
export const GrantScheduleBody = object(schedule, { title: 'GrantScheduleBody' });
export type GrantScheduleBody = Static<typeof GrantScheduleBody>;
export const CreateGrantSchedule = object({ ...schedule, ...walletRef });
export type CreateGrantSchedule = Static<typeof CreateGrantSchedule>;

export const GrantScheduleView = object(
  {
    id: text({ example: 'sched_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
    ...shownWalletRef,
    reference: text({ example: 'plan-growth' }),
    state: oneOf(STATES),
    amount: shownAmount('25.00'),
    kind: oneOf(BLOCK_KINDS),
    priority: integer({ example: 0 }),
    cost_basis: shownAmount('0.00'),
    cadence: oneOf(GRANT_CADENCES),
    anchor_at: shownInstant('2026-01-31T00:00:00.000Z'),
    time_zone: text({ example: 'UTC' }),
    expires: oneOf(EXPIRES),
    rollover_cap: shownAmount('10.00'),
    rollover_periods: integer({ example: 1 }),
    ends_at: nullable(text({ example: null })),
    /** When the next period is granted; null when there is none. */
    next_at: nullable(text({ example: '2026-02-28T00:00:00.000Z' })),
    created_at: shownInstant('2026-01-31T00:00:00.000Z'),
    cancelled_at: nullable(text({ example: null })),
  },
  { title: 'GrantScheduleModel' },
);
export type GrantScheduleView = Static<typeof GrantScheduleView>;

const ofOrganization = { organization_id: organizationId } as const;
export const GrantScheduleRef = object({ ...ofOrganization, schedule_id: text() });
export type GrantScheduleRef = Static<typeof GrantScheduleRef>;

export const GRANT_SCHEDULES = {
  /** Creating twice under one reference is creating once. Opens the wallet when it is the first of its unit. */
  create: operation('grant_schedule.create', CreateGrantSchedule, GrantScheduleView, [
    'unsupported_currency',
    'idempotency_key_conflict',
  ]),
  /** Lists the schedules of all wallets, newest first. */
  list: operation('grant_schedule.list', object(ofOrganization), list(GrantScheduleView)),
  /** Past grants stay; safe to repeat. */
  cancel: operation('grant_schedule.cancel', GrantScheduleRef, GrantScheduleView, ['not_found']),
} as const;
