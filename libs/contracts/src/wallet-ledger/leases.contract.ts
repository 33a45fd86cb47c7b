import {
  organizationId,
  NOT_A_CURSOR,
  positiveAmount,
  shownAmount,
  unitOfOrganization,
  walletRef,
} from '../schema/fields.js';
import { namesOf, operation } from '../schema/operation.js';
import {
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  optional,
  text,
  type Static,
} from '../schema/shape.js';
import { NAME_SAYS, VISIBLE_NAME } from '../schema/visible-name.js';

export const LEASE_STATES = ['open', 'closing', 'closed'] as const;
export type LeaseState = (typeof LEASE_STATES)[number];

/** Lifetimes a lease may be asked for, in milliseconds. */
export const LEASE_TTL_MS_MIN = 5_000;
export const LEASE_TTL_MS_MAX = 86_400_000;
const HOLDER_LENGTH_MAX = 200;
const AMOUNT_PATTERN = '^\\d+(\\.\\d{1,6})?$';

const ttlSeconds = (description: string) =>
  integer({
    example: 60,
    minimum: LEASE_TTL_MS_MIN / 1_000,
    maximum: LEASE_TTL_MS_MAX / 1_000,
    description,
  });
const ttlMs = integer({ minimum: LEASE_TTL_MS_MIN, maximum: LEASE_TTL_MS_MAX });
const leaseAmount = (description: string) =>
  positiveAmount({ example: '25.00', shownPattern: AMOUNT_PATTERN, description });

export const LeaseBody = object(
  {
    amount: leaseAmount('Amount to set aside for this lease; a decimal string.'),
    currency: unitOfOrganization({ description: 'Default: the currency of the wallet.' }),
    ttl_seconds: ttlSeconds(
      'Lifetime of the lease. The unspent amount returns automatically when it ends.',
    ),
    holder: optional(
      text({
        minLength: 1,
        maxLength: HOLDER_LENGTH_MAX,
        pattern: VISIBLE_NAME.source,
        says: `is 1 to ${HOLDER_LENGTH_MAX} characters, ${NAME_SAYS}`,
        example: 'sms-sender-7',
        description: 'Label of the spender, for people.',
        nullIsAbsent: true,
      }),
    ),
  },
  { title: 'LeaseBody' },
);
export type LeaseBody = Static<typeof LeaseBody>;

export const LeaseRenewalBody = object(
  {
    amount: optional(leaseAmount('Amount added to the lease.')),
    ttl_seconds: optional(ttlSeconds('New lifetime, counted from now; never shortens the lease.')),
  },
  { title: 'LeaseRenewalBody' },
);
export type LeaseRenewalBody = Static<typeof LeaseRenewalBody>;

/** Made by the caller: the same one opens the same lease. */
const leaseReference = text({
  pattern: '^[!-~]{1,255}$',
  says: 'is 1 to 255 visible ASCII characters',
});
export const OpenLease = object({
  ...walletRef,
  amount: positiveAmount(),
  ttl_ms: ttlMs,
  /** Label of the spender, for people. */
  holder: nullable(text({ minLength: 1, maxLength: HOLDER_LENGTH_MAX }), { default: null }),
  reference: leaseReference,
});
export type OpenLease = Static<typeof OpenLease>;

const leaseRef = { organization_id: organizationId, lease_id: text() } as const;
export const LeaseRef = object(leaseRef);
export type LeaseRef = Static<typeof LeaseRef>;

export const RenewLease = object({
  ...leaseRef,
  /** Added to the remaining amount. */
  amount: optional(positiveAmount()),
  /** From now; never shortens. */
  ttl_ms: optional(ttlMs),
  reference: leaseReference,
});
export type RenewLease = Static<typeof RenewLease>;

const shownTime = (example: string) => text({ format: 'date-time', example });

/** granted = spent + remaining + returned. */
const lease = {
  lease_id: text({ example: 'lease_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
  state: oneOf(LEASE_STATES, {
    description: '`closing`: the ledger is still reading charges that were sent before.',
  }),
  holder: nullable(text({ example: 'sms-sender-7' })),
  currency: text({ example: 'USD' }),
  granted: shownAmount('25.00', {
    description: 'Set aside in all: spent + remaining + returned.',
  }),
  /** Charges that the holder has authorized but the ledger has not read are still in `remaining`. */
  spent: shownAmount('10.0075', { description: 'Posted amount.' }),
  remaining: shownAmount('14.9925', {
    description: 'Held by the lease; nobody else can spend it.',
  }),
  returned: shownAmount('0.00', { description: 'Amount returned when the lease was closed.' }),
  opened_at: shownTime('2026-05-16T11:22:33.444Z'),
  expires_at: shownTime('2026-05-16T11:23:33.444Z'),
  closed_at: nullable(text({ format: 'date-time', example: null })),
} as const;
export const LeaseView = object({ organization_id: text(), ...lease });
export type LeaseView = Static<typeof LeaseView>;
/** As answers over HTTP show it: to its own organization. */
export const ShownLease = object(lease, { title: 'LeaseModel' });
export type ShownLease = Static<typeof ShownLease>;

/** `replayed`: an earlier call with the same reference did it. */
export const LeaseAnswer = object({ lease: LeaseView, replayed: flag() });
export type LeaseAnswer = Static<typeof LeaseAnswer>;

export const LeasesQuery = object({
  limit: integer({ minimum: 1, maximum: 100, default: 30 }),
  cursor: optional(text({ says: NOT_A_CURSOR, description: '`next_cursor` of the page before.' })),
  state: optional(oneOf(LEASE_STATES)),
});
export type LeasesQuery = Static<typeof LeasesQuery>;
export const LeaseListQuery = object({
  ...walletRef,
  state: optional(oneOf(LEASE_STATES, { nullIsAbsent: true })),
  limit: integer({ minimum: 1, maximum: 200 }),
  /** The page starts after this lease, newest first. */
  after_id: optional(text({ nullIsAbsent: true })),
});
export type LeaseListQuery = Static<typeof LeaseListQuery>;

export const LeasePage = object({ leases: list(LeaseView), has_more: flag() });
export type LeasePage = Static<typeof LeasePage>;
export const ShownLeasePage = object(
  {
    leases: list(ShownLease),
    next_cursor: nullable(text({ example: null })),
    has_more: flag({ example: false }),
  },
  { title: 'LeasePageModel' },
);
export type ShownLeasePage = Static<typeof ShownLeasePage>;

/** Money that is set aside for one process. */
export const LEASES = {
  /** Idempotent by reference. */
  open: operation('lease.open', OpenLease, LeaseAnswer, [
    'unsupported_currency',
    'insufficient_funds',
    'outbound_paused',
    'idempotency_key_conflict',
    'conflict',
  ]),
  /** Idempotent by reference. */
  renew: operation('lease.renew', RenewLease, LeaseAnswer, [
    'not_found',
    'insufficient_funds',
    'outbound_paused',
    'idempotency_key_conflict',
    'conflict',
  ]),
  /** `closing` while charges may still be unread, `closed` when the rest is back. */
  close: operation('lease.close', LeaseRef, LeaseAnswer, ['not_found']),
  read: operation('lease.read', LeaseRef, nullable(LeaseView)),
  list: operation('lease.list', LeaseListQuery, LeasePage),
} as const;

/** The names on the wire, for who asks without a client. */
export const LEASE_RPC = namesOf(LEASES);
