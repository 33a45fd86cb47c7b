import { isCurrency } from '@orbit/money';
import { KEY_SCOPES, OPERATOR_ROLES } from '../edge/keys/scopes.js';
import type { Principal } from '../edge/ports.js';
import type { KeyMode } from './api-key.js';
import type { AccountPrincipal } from './accounts/account-ports.js';
import type { OperatorPrincipal } from './operators/operator-key.js';

/** How the owner of a key stands in the cache. Plain fields with bars: cheaper to read on every request than JSON. */
export interface OwnerText<Owner> {
  write(owner: Owner): string;
  /** Null for what another version has written; then Postgres is asked. */
  read(text: string): Owner | null;
}

const instantOf = (text: string): number | null => (text === '' ? null : Number(text));

const isMode = (text: string | undefined): text is KeyMode => text === 'test' || text === 'live';

export const ORGANIZATION_TEXT: OwnerText<Principal> = {
  write: ({ organizationId, currency, keyId, mode, accountMode, scopes, expiresAtMs }) =>
    [
      ...[organizationId, currency, keyId, mode, accountMode],
      ...[scopes.join(','), expiresAtMs ?? ''],
    ].join('|'),
  read: (text) => {
    const [organizationId, currency, keyId, mode, accountMode, scopes, expires] = text.split('|');
    const isComplete =
      organizationId !== undefined && keyId !== undefined && isCurrency(currency) && isMode(mode);
    if (!isComplete || !isMode(accountMode)) return null;
    if (!scopes || expires === undefined) return null;
    return {
      ...{ organizationId, currency, keyId, mode, accountMode },
      scopes: KEY_SCOPES.filter((scope) => scopes.split(',').includes(scope)),
      expiresAtMs: instantOf(expires),
    };
  },
};

export const ACCOUNT_TEXT: OwnerText<AccountPrincipal> = {
  write: ({ id, mode, defaultCurrency, timezone, keyId }) =>
    ['account', id, mode, defaultCurrency, timezone, keyId].join('|'),
  read: (text) => {
    const [kind, id, mode, defaultCurrency, timezone, keyId] = text.split('|');
    const isComplete =
      kind === 'account' && id && isMode(mode) && defaultCurrency && timezone && keyId;
    return isComplete ? { id, mode, defaultCurrency, timezone, keyId } : null;
  },
};

export const OPERATOR_TEXT: OwnerText<OperatorPrincipal> = {
  // The name is last: it may hold a bar.
  write: ({ keyId, role, expiresAtMs, name }) =>
    ['operator', keyId, role, expiresAtMs ?? '', name].join('|'),
  read: (text) => {
    const [kind, keyId, written, expires, ...name] = text.split('|');
    const role = OPERATOR_ROLES.find((one) => one === written);
    if (kind !== 'operator' || !keyId || !role || expires === undefined) return null;
    return { keyId, role, expiresAtMs: instantOf(expires), name: name.join('|') };
  },
};
