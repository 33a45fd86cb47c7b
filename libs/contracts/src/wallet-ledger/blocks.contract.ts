import {
  instant,
  NOT_A_CURSOR,
  organizationId,
  positiveAmount,
  reference,
  shownAmount,
  shownInstant,
  unitOfOrganization,
  walletRef,
} from '../schema/fields.js';
import { operation } from '../schema/operation.js';
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
import { BLOCK_KINDS, change, grantTerms } from './fields.js';
import { BookedView } from './transaction.shape.js';

const PAGE_SIZE_MAX = 200;
const PAGE_SIZE_DEFAULT = 100;
const BLOCK_ID = '^blk_[0-9a-z]{1,12}_[0-9a-z]{1,12}$';

export const BLOCK_STATES = ['scheduled', 'active', 'depleted', 'expired', 'voided'] as const;
export type BlockState = (typeof BLOCK_STATES)[number];

const grant = {
  ...grantTerms,
  effective_at: optional(
    instant({ example: '2026-05-16T00:00:00.000Z', description: 'Default: now.' }),
  ),
  expires_at: optional(nullable(instant({ example: '2026-06-16T00:00:00.000Z' }))),
  reference: reference({
    example: 'welcome-2026',
    description: 'Identifier chosen by the client; a repeat grants nothing.',
  }),
  description: optional(
    text({ example: 'Welcome credit', minLength: 1, maxLength: 200, nullIsAbsent: true }),
  ),
} as const;
export const GrantBody = object(grant, { title: 'GrantBody' });
export type GrantBody = Static<typeof GrantBody>;
export const GrantBlock = object({ ...grant, ...walletRef });
export type GrantBlock = Static<typeof GrantBlock>;

const blockRef = {
  organization_id: organizationId,
  block_id: text({ example: 'blk_1_2s' }),
} as const;

const extension = {
  ...change,
  expires_at: nullable(
    instant({
      example: '2026-06-30T00:00:00.000Z',
      description: 'New end, later than the present one; null: never expires.',
    }),
  ),
  reopen: optional(
    flag({
      default: false,
      description: "Also reopen credit that expired longer ago than the wallet's grace.",
    }),
  ),
} as const;
export const ExtensionBody = object(extension, { title: 'ExtensionBody' });
export type ExtensionBody = Static<typeof ExtensionBody>;
export const ExtendBlock = object({ ...extension, ...blockRef });
export type ExtendBlock = Static<typeof ExtendBlock>;

const takingBack = {
  ...change,
  allow_negative: optional(
    flag({
      default: false,
      nullIsAbsent: true,
      description:
        'Void it even when open authorizations rely on it; otherwise the request is refused with the maximum (`details.max`).',
    }),
  ),
} as const;
export const VoidBody = object(takingBack, { title: 'VoidBody' });
export type VoidBody = Static<typeof VoidBody>;
export const VoidBlock = object({ ...takingBack, ...blockRef });
export type VoidBlock = Static<typeof VoidBlock>;

const amendment = {
  ...takingBack,
  amount: positiveAmount({ example: '30.00', description: 'The new amount, used part included.' }),
} as const;
export const AmendmentBody = object(amendment, { title: 'AmendmentBody' });
export type AmendmentBody = Static<typeof AmendmentBody>;
export const AmendBlock = object({ ...amendment, ...blockRef });
export type AmendBlock = Static<typeof AmendBlock>;

/** A block at one instant. */
export const CreditBlockView = object(
  {
    id: text({ example: 'blk_1_2s' }),
    currency: text({ example: 'usd' }),
    state: oneOf(BLOCK_STATES),
    kind: oneOf(BLOCK_KINDS),
    priority: integer({ example: 0, description: 'Blocks with a lower priority are spent first.' }),
    cost_basis: shownAmount('1.00', { description: 'Cost of one unit.' }),
    amount: shownAmount('25.00'),
    /** The remaining amount, and the part of it that leases, refunds and disputes reserve. */
    remaining: shownAmount('12.50'),
    held: shownAmount('0.00', { description: 'Amount reserved by leases, refunds and disputes.' }),
    expired: shownAmount('0.00', { description: 'Amount that expired unused.' }),
    effective_at: shownInstant('2026-05-16T11:21:18.901Z'),
    expires_at: nullable(text({ example: null })),
    voided_at: nullable(text({ example: null })),
    created_at: shownInstant('2026-05-16T11:21:18.901Z'),
  },
  { title: 'CreditBlockModel' },
);
export type CreditBlockView = Static<typeof CreditBlockView>;

/** A page as the public asks for it. */
export const BlocksQuery = object({
  currency: unitOfOrganization(),
  include: oneOf(['open', 'all'], {
    default: 'open',
    description:
      '`open`: those with something left, in the order of spending. `all`: newest first.',
  }),
  limit: integer({ minimum: 1, maximum: PAGE_SIZE_MAX, default: PAGE_SIZE_DEFAULT }),
  cursor: optional(
    text({
      pattern: BLOCK_ID,
      says: NOT_A_CURSOR,
      description: '`cursor` of the page before; with `include=all`.',
    }),
  ),
});
export type BlocksQuery = Static<typeof BlocksQuery>;

export const BlockListQuery = object({
  ...walletRef,
  /** False: those that have something left, in the order in which they are spent. True: all, newest first. */
  include_all: flag({ default: false }),
  limit: integer({ minimum: 1 }),
  /** Id of the last block seen; for `include_all`. */
  after_id: optional(text()),
});
export type BlockListQuery = Static<typeof BlockListQuery>;

export const BlockPage = object({ blocks: list(CreditBlockView), has_more: flag() });
export type BlockPage = Static<typeof BlockPage>;

/** As answers over HTTP show a page: only the list of all blocks goes on. */
export const CreditBlockPage = object(
  {
    blocks: list(CreditBlockView),
    cursor: nullable(text({ example: null })),
    has_more: flag({ example: false }),
  },
  { title: 'CreditBlockPageModel' },
);
export type CreditBlockPage = Static<typeof CreditBlockPage>;

/**
 * Credit blocks of a wallet. Everything with a `reference` happens once per reference and wallet: a repeat is answered
 * as the first time, with `replayed`; the same reference for something else is `idempotency_key_conflict`.
 */
export const BLOCKS = {
  /** Opens the wallet of this currency or unit when it is the first. */
  grant: operation('block.grant', GrantBlock, BookedView, [
    'unsupported_currency',
    'idempotency_key_conflict',
  ]),
  list: operation('blocks.list', BlockListQuery, BlockPage, ['unsupported_currency', 'not_found']),
  extend: operation('block.extend', ExtendBlock, BookedView, [
    'not_found',
    'conflict',
    'idempotency_key_conflict',
  ]),
  void: operation('block.void', VoidBlock, BookedView, [
    'not_found',
    'conflict',
    'idempotency_key_conflict',
  ]),
  amend: operation('block.amend', AmendBlock, BookedView, [
    'not_found',
    'conflict',
    'idempotency_key_conflict',
  ]),
} as const;
