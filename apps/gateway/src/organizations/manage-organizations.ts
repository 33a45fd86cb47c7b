import { OrbitError, unknownCursor, type WalletView } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import type { Currency } from '@orbit/money';
import type { KeyMode } from './api-key.js';
import type {
  ApiKey,
  KeyGate,
  KeyHasher,
  Ledger,
  Organization,
  OrganizationStore,
} from '../edge/ports.js';

/** The only moment at which a key is readable. */
export interface IssuedKey {
  readonly id: string;
  readonly key: string;
  readonly mode: KeyMode;
}

/** What the operator does with organizations and their keys. */
export class ManageOrganizations {
  constructor(
    private readonly organizations: OrganizationStore,
    private readonly gate: KeyGate,
    private readonly hasher: KeyHasher,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
  ) {}

  /**
   * The wallet first: nobody ever holds a key whose organization cannot be charged. When saving
   * fails after it, an empty wallet stays behind that no key leads to.
   */
  async create(
    name: string,
    currency: Currency,
    mode: KeyMode,
  ): Promise<{ organization: Organization; key: IssuedKey }> {
    const nowMs = this.clock.nowMs();
    const organization = { id: newId('org', nowMs), name, currency, createdAt: new Date(nowMs) };
    await this.ledger.openWallet({ organization_id: organization.id, currency });
    const { stored, issued } = this.newKey(organization.id, mode);
    await this.organizations.save(organization, stored);
    return { organization, key: issued };
  }

  async list(limit: number, afterId: string | null): Promise<readonly Organization[]> {
    if (afterId !== null && !(await this.organizations.read(afterId))) throw unknownCursor();
    return this.organizations.list(limit, afterId);
  }

  async createKey(organizationId: string, mode: KeyMode): Promise<IssuedKey> {
    const organization = await this.read(organizationId);
    const { stored, issued } = this.newKey(organization.id, mode);
    await this.organizations.saveKey(stored);
    return issued;
  }

  /**
   * Postgres first, then Redis. When Redis is away the caller is told 503 and repeats; meanwhile
   * no key is answered at all, because every request asks Redis.
   */
  async revokeKey(keyId: string): Promise<void> {
    const keyHash = await this.organizations.revokeKey(keyId, new Date(this.clock.nowMs()));
    if (keyHash === null) throw new OrbitError('not_found', 'There is no such API key.');
    await this.gate.bar(keyHash);
  }

  async pause(organizationId: string, paused: boolean): Promise<WalletView> {
    const { id, currency } = await this.read(organizationId);
    return this.ledger.pauseWallet({ organization_id: id, currency }, paused);
  }

  private async read(organizationId: string): Promise<Organization> {
    const organization = await this.organizations.read(organizationId);
    if (!organization) throw new OrbitError('not_found', 'There is no such organization.');
    return organization;
  }

  private newKey(organizationId: string, mode: KeyMode): { stored: ApiKey; issued: IssuedKey } {
    const key = this.hasher.create(mode);
    const nowMs = this.clock.nowMs();
    const id = newId('ak', nowMs);
    const keyHash = this.hasher.hash(key);
    const lastFour = key.slice(-4);
    const stored = { id, organizationId, mode, keyHash, lastFour, createdAt: new Date(nowMs) };
    return { stored, issued: { id, key, mode } };
  }
}
