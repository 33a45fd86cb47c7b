import { isCurrency } from '@orbit/money';
import type { Principal } from '../edge/ports.js';
import type { KeyMode } from './api-key.js';
import type { AccountPrincipal } from './accounts/account-ports.js';

/** How the owner of a key stands in the cache. Plain fields with bars: cheaper to read on every request than JSON. */
export interface OwnerText<Owner> {
  write(owner: Owner): string;
  /** Null for what another version has written; then Postgres is asked. */
  read(text: string): Owner | null;
}

const isMode = (text: string | undefined): text is KeyMode => text === 'test' || text === 'live';

export const ORGANIZATION_TEXT: OwnerText<Principal> = {
  write: ({ organizationId, currency, keyId, mode, accountMode }) =>
    [organizationId, currency, keyId, mode, accountMode].join('|'),
  read: (text) => {
    const [organizationId, currency, keyId, mode, accountMode] = text.split('|');
    const isComplete =
      organizationId !== undefined && keyId !== undefined && isCurrency(currency) && isMode(mode);
    if (!isComplete || !isMode(accountMode)) return null;
    return { organizationId, currency, keyId, mode, accountMode };
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
