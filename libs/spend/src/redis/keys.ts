import { createHash } from 'node:crypto';
import { inOrder } from '@orbit/kernel';
import { isCurrency, type Currency } from '@orbit/money';
import { CHARGE_KEYS, WALLET_KEYS } from './script-tables.js';

/** Everything of an organization lives in one hash slot: its id is the hash tag. */
export const walletKeyOf = (organizationId: string, currency: string): string =>
  `orbit:{${organizationId}}:${currency}:wallet`;

export const holdsKeyOf = (organizationId: string, currency: string): string =>
  `orbit:{${organizationId}}:${currency}:holds`;

interface WalletId {
  readonly organizationId: string;
  readonly currency: string;
}

/** Keys that every script of a wallet touches, by the names that scripts have for them. */
export const walletKeyNames = ({
  organizationId,
  currency,
}: WalletId): { readonly [name in (typeof WALLET_KEYS)[number]]: string } => ({
  wallet: walletKeyOf(organizationId, currency),
  holds: holdsKeyOf(organizationId, currency),
});

export const walletKeysOf = (id: WalletId): string[] => inOrder(WALLET_KEYS, walletKeyNames(id));

/** Keys of a script of one charge. */
export const chargeKeysOf = (id: WalletId & { readonly chargeId: string }): string[] =>
  inOrder(CHARGE_KEYS, {
    ...walletKeyNames(id),
    record: recordKeyOf(id.organizationId, id.chargeId),
  });

/** Proves to a load that the memory is still the one that was found fit to be trusted. */
export const guardKeyOf = (organizationId: string, nonce: string): string =>
  `orbit:{${organizationId}}:load:${nonce}`;

/** The run id of the server whose memory the ledger trusts, and who is about to bring the trust back. */
export const TRUST_KEYS = { trusted: 'orbit:{epoch}', recovery: 'orbit:{epoch}:recovery' } as const;

/** The key that a process writes to see whether the server takes it. */
export const readinessKeyOf = (processId: string): string => `orbit:readiness:${processId}`;

/** The holds key of the wallet that has this key. */
export const holdsKeyBeside = (walletKey: string): string => `${walletKey.slice(0, -6)}holds`;

export const recordKeyOf = (organizationId: string, chargeId: string): string =>
  `orbit:{${organizationId}}:charge:${chargeId}`;

const PREFIX = 'auth_';
const CHECK_LENGTH = 8;

/** Checks of organizations seen lately; full, it starts again. */
const checks = new Map<string, string>();
const CHECKS_SIZE_MAX = 10_000;

/** Binds an authorization id to its organization, so that another's id finds nothing even when both use one charge id. */
function checkOf(organizationId: string): string {
  const known = checks.get(organizationId);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(organizationId).digest('base64url');
  const check = hash.slice(0, CHECK_LENGTH);
  if (checks.size >= CHECKS_SIZE_MAX) checks.clear();
  checks.set(organizationId, check);
  return check;
}

/**
 * `auth_` + check + base64url of currency and charge id, and no secret: as ids were made before they were signed
 * (authorization-ids.ts). What was open at the upgrade is still captured by it.
 */
export function unsignedIdOf(organizationId: string, currency: Currency, chargeId: string): string {
  const rest = Buffer.from(`${currency}:${chargeId}`, 'utf8').toString('base64url');
  return `${PREFIX}${checkOf(organizationId)}${rest}`;
}

/** The charge that an unsigned id of this organization names; null for anything else. Anybody can make one. */
export function parseUnsignedId(
  organizationId: string,
  authorizationId: string,
): { readonly currency: Currency; readonly chargeId: string } | null {
  if (!authorizationId.startsWith(PREFIX)) return null;
  const check = authorizationId.slice(PREFIX.length, PREFIX.length + CHECK_LENGTH);
  const rest = authorizationId.slice(PREFIX.length + CHECK_LENGTH);
  if (check !== checkOf(organizationId)) return null;
  const named = Buffer.from(rest, 'base64url').toString('utf8');
  // The decoder passes over what is no base64url: one authorization would have many ids.
  if (Buffer.from(named, 'utf8').toString('base64url') !== rest) return null;
  const colon = named.indexOf(':');
  if (colon < 0) return null;
  const currency = named.slice(0, colon);
  const chargeId = named.slice(colon + 1);
  return isCurrency(currency) && chargeId !== '' ? { currency, chargeId } : null;
}
