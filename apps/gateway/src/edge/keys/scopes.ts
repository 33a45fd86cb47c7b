/** The permissions of an organization's key. Each is given by itself: a key that spends need not read. */
export const KEY_SCOPES = ['read', 'spend', 'manage'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** The roles of an operator's key, from everything to reading. */
export const OPERATOR_ROLES = ['owner', 'finance', 'support', 'viewer'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

const BILLING = '/api/v1/billing';
const OPERATOR = '/api/v1/operator';
const READING_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Of every route of organizations that changes something; those that read ask for `read`. */
const CHANGES: Readonly<Record<string, KeyScope>> = {
  'POST /charges': 'spend',
  'POST /authorizations': 'spend',
  'POST /authorizations/:authorization_id/capture': 'spend',
  'POST /authorizations/:authorization_id/release': 'spend',
  'POST /leases': 'spend',
  'POST /leases/:lease_id/renew': 'spend',
  'POST /leases/:lease_id/close': 'spend',
  'POST /delivery-reports': 'spend',
  'POST /rate-card/quote': 'read',
  'PUT /rate-card': 'manage',
  'POST /balance/top-up': 'manage',
  'POST /credits/purchase': 'manage',
  'POST /credits/topup': 'manage',
  'PUT /credits/auto-reload': 'manage',
  'POST /credits/auto-reload/resume': 'manage',
  'POST /payment-methods/setup': 'manage',
  'POST /payment-methods/:payment_method_id/default': 'manage',
  'DELETE /payment-methods/:payment_method_id': 'manage',
  'POST /checkout': 'manage',
  'POST /plan/change': 'manage',
  'POST /plan/cancel': 'manage',
  'POST /plan/resume': 'manage',
  'POST /refunds': 'manage',
  'POST /webhook-endpoints': 'manage',
  'PUT /webhook-endpoints/:endpoint_id': 'manage',
  'DELETE /webhook-endpoints/:endpoint_id': 'manage',
  'POST /webhook-endpoints/:endpoint_id/deliveries/:delivery_id/resend': 'manage',
};

const WALLET = '/organizations/:organization_id';
const MONEY: readonly OperatorRole[] = ['owner', 'finance'];
const CARE: readonly OperatorRole[] = ['owner', 'support'];
const OWNER: readonly OperatorRole[] = ['owner'];

/** The roles that may make the changes of operators; every role may read. */
const OPERATOR_CHANGES: Readonly<Record<string, readonly OperatorRole[]>> = {
  'POST /accounts': OWNER,
  'POST /accounts/:account_id/rotate-key': OWNER,
  'PUT /accounts/:account_id/rate-card': MONEY,
  'PUT /accounts/:account_id/tax-rates': MONEY,
  'POST /accounts/:account_id/webhook-deliveries/:delivery_id/resend': CARE,
  'POST /organizations': CARE,
  [`POST ${WALLET}/api-keys`]: OWNER,
  'POST /api-keys/:api_key_id/rotate': OWNER,
  'POST /api-keys/revoke': CARE,
  'DELETE /api-keys/:api_key_id': CARE,
  [`POST ${WALLET}/pause`]: CARE,
  [`POST ${WALLET}/resume`]: CARE,
  [`POST ${WALLET}/reconciliation`]: CARE,
  [`POST ${WALLET}/grants`]: MONEY,
  [`POST ${WALLET}/blocks/:block_id/extend`]: MONEY,
  [`POST ${WALLET}/blocks/:block_id/void`]: MONEY,
  [`POST ${WALLET}/blocks/:block_id/amend`]: MONEY,
  [`POST ${WALLET}/grant-schedules`]: MONEY,
  [`DELETE ${WALLET}/grant-schedules/:schedule_id`]: MONEY,
  [`PATCH ${WALLET}/wallets/:currency`]: MONEY,
  [`POST ${WALLET}/adjustments`]: MONEY,
  [`POST ${WALLET}/charges/:charge_id/reversals`]: MONEY,
  'POST /topups/:topup_id/resolve': MONEY,
  'POST /reconcile/stripe': MONEY,
  'POST /keys': OWNER,
  'POST /keys/:key_id/rotate': OWNER,
  'DELETE /keys/:key_id': OWNER,
};

/** The scope that a route of organizations asks for; null where nobody has said so. */
export function scopeOf(method: string, route: string): KeyScope | null {
  if (READING_METHODS.includes(method)) return 'read';
  return CHANGES[`${method} ${route.slice(BILLING.length)}`] ?? null;
}

/** The roles that a route of operators lets in; null where nobody has said so. */
export function rolesOf(method: string, route: string): readonly OperatorRole[] | null {
  if (READING_METHODS.includes(method)) return OPERATOR_ROLES;
  return OPERATOR_CHANGES[`${method} ${route.slice(OPERATOR.length)}`] ?? null;
}
