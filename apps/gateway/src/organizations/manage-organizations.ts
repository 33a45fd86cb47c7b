import { OrbitError, unknownCursor, type WalletView } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import type { Currency } from '@orbit/money';
import type { KeyMode } from './api-key.js';
import { KEY_SCOPES } from '../edge/keys/scopes.js';
import { newKey } from './keys/manage-keys.js';
import type { KeyTerms } from './keys/organization-key.js';
import { LIVE_ACCOUNT_ID, type Account } from './accounts/account.js';
import type { AccountStore } from './accounts/account-ports.js';
import type { Customer, ProfileRequest } from './customers/customer-ports.js';
import type { MakeCustomers } from './customers/make-customers.js';
import type {
  ApiKey,
  KeyGate,
  KeyHasher,
  Wallets,
  Organization,
  OrganizationStore,
} from '../edge/ports.js';

/** The only moment at which a key is readable. */
export interface IssuedKey {
  readonly id: string;
  readonly key: string;
  readonly mode: KeyMode;
}

/** The operator's use cases for organizations and their keys. */
export class ManageOrganizations {
  constructor(
    private readonly organizations: OrganizationStore,
    private readonly gate: KeyGate,
    private readonly hasher: KeyHasher,
    private readonly wallets: Wallets,
    private readonly clock: Clock,
    private readonly accounts: Pick<AccountStore, 'read'>,
    private readonly customers: Pick<MakeCustomers, 'finish'>,
  ) {}

  /**
   * Opens the wallet first: no key exists whose organization cannot be charged. When saving fails after it, an empty
   * wallet stays behind that no key leads to. Invoicing is called at once or, while it is unavailable, later: an
   * organization needs no profile to be charged. Errors: invalid_field, unavailable, timeout.
   */
  async create(
    name: string,
    currency: Currency,
    mode?: KeyMode,
    accountId = LIVE_ACCOUNT_ID,
    createdBy: string | null = null,
  ): Promise<{ organization: Organization; key: IssuedKey }> {
    const account = await this.accounts.read(accountId);
    if (!account) {
      throw new OrbitError('invalid_field', 'There is no such account.', { param: 'account_id' });
    }
    const keyMode = mode ?? account.mode;
    requireModeOf(account, keyMode);
    const nowMs = this.clock.nowMs();
    const id = newId('org', nowMs);
    const organization = { id, name, currency, accountId, createdAt: new Date(nowMs) };
    await this.wallets.open({
      organization_id: organization.id,
      currency,
      account_id: accountId,
    });
    const { stored, issued } = this.newKey(id, keyMode, { ...EVERYTHING, createdBy });
    const profile = profileOf(account, name);
    await this.organizations.save(organization, stored, profile);
    await this.sendProfile({ id, externalCustomerId: null, currency, pending: profile });
    return { organization, key: issued };
  }

  async list(limit: number, afterId: string | null): Promise<readonly Organization[]> {
    if (afterId !== null && !(await this.organizations.read(afterId))) throw unknownCursor();
    return this.organizations.list(limit, afterId);
  }

  /** Errors: not_found, invalid_field. */
  async createKey(
    organizationId: string,
    mode: KeyMode,
    terms: KeyTerms = EVERYTHING,
  ): Promise<IssuedKey> {
    const { expiresAt } = terms;
    if (expiresAt !== null && expiresAt.getTime() <= this.clock.nowMs()) {
      const message = 'expires_at is an instant in the future.';
      throw new OrbitError('invalid_field', message, { param: 'expires_at' });
    }
    const organization = await this.read(organizationId);
    const account = await this.accounts.read(organization.accountId);
    if (account) requireModeOf(account, mode);
    const { stored, issued } = this.newKey(organization.id, mode, terms);
    await this.organizations.saveKey(stored);
    return issued;
  }

  /**
   * Postgres first, then Redis. When Redis is unavailable the caller gets 503 and repeats; meanwhile no key is
   * answered at all, because every request asks Redis.
   */
  async revokeKey(keyId: string): Promise<void> {
    const keyHash = await this.organizations.revokeKey(keyId, new Date(this.clock.nowMs()));
    if (keyHash === null) throw new OrbitError('not_found', 'There is no such API key.');
    await this.gate.bar(keyHash);
  }

  async pause(organizationId: string, paused: boolean): Promise<WalletView> {
    const { id, currency } = await this.read(organizationId);
    return this.wallets.pause({ organization_id: id, currency, paused });
  }

  /** Errors: not_found. */
  async read(organizationId: string): Promise<Organization> {
    const organization = await this.organizations.read(organizationId);
    if (!organization) throw new OrbitError('not_found', 'There is no such organization.');
    return organization;
  }

  private async sendProfile(customer: Customer): Promise<void> {
    try {
      await this.customers.finish(customer);
    } catch (error) {
      // It stays written down with the organization, and a job sends it to invoicing later.
      if (!(error instanceof OrbitError) || !error.retryable) throw error;
    }
  }

  private newKey(
    organizationId: string,
    mode: KeyMode,
    terms: KeyTerms,
  ): { stored: ApiKey; issued: IssuedKey } {
    const nowMs = this.clock.nowMs();
    const { stored, key } = newKey(this.hasher, nowMs, organizationId, mode, terms);
    return { stored, issued: { id: stored.id, key, mode } };
  }
}

/** The terms of a key without terms of its own. */
const EVERYTHING: KeyTerms = { name: null, scopes: KEY_SCOPES, expiresAt: null, createdBy: null };

/** Organizations of a test account have test keys alone: nothing they do is money of somebody. */
function requireModeOf(account: Account, mode: KeyMode): void {
  if (account.mode === 'live' || mode === 'test') return;
  const message = 'Organizations of a test account have test keys alone.';
  throw new OrbitError('invalid_field', message, { param: 'mode' });
}

/** An organization made over the Orbit API is a customer of /v1 without an e-mail address. */
const profileOf = (account: Account, name: string): ProfileRequest => ({
  account: {
    id: account.id,
    mode: account.mode,
    default_currency: account.defaultCurrency,
    timezone: account.timezone,
  },
  body: { name, email: '' },
  idempotency: null,
});
