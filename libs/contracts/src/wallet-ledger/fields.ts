import { amount, positiveAmount, reason, reference, unitOfOrganization } from '../schema/fields.js';
import { integer, oneOf, optional } from '../schema/shape.js';

/** Small, so that it stays a number that people order by. */
const PRIORITY_MAX = 1_000;
export const BLOCK_KINDS = ['paid', 'promotional'] as const;

/** Credit by an operator; of a schedule, each time. */
export const grantTerms = {
  amount: positiveAmount({ example: '25.00' }),
  currency: unitOfOrganization({
    description: "A currency or a custom unit such as `credits`. Default: the organization's.",
  }),
  kind: oneOf(BLOCK_KINDS, { example: 'promotional' }),
  priority: optional(
    integer({
      default: 0,
      minimum: -PRIORITY_MAX,
      maximum: PRIORITY_MAX,
      description: 'Blocks with a lower priority are spent first.',
    }),
  ),
  cost_basis: optional(
    amount({
      example: '0.01',
      description: 'Cost of one unit. Default: 1 for paid credit, 0 for promotional.',
    }),
  ),
} as const;
/** A change says why, and under which reference it happens once. */
export const change = {
  reference: reference({
    example: 'case-2041',
    description: 'Identifier chosen by the client; a repeat books nothing.',
  }),
  reason: reason({ example: 'agreed with the customer' }),
} as const;
