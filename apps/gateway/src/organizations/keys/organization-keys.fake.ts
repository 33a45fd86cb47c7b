import type { ApiKey } from '../../edge/ports.js';
import type { RotateOutcome } from '../operators/operator-key.js';
import type { OrganizationKey, OrganizationKeyStore } from './organization-key.js';

type Stored = ApiKey & { isRevoked: boolean; expiresAt: Date | null };

/** Keys of organizations in memory, over the map of the world they are in. */
export class FakeOrganizationKeys implements OrganizationKeyStore {
  private readonly replacedBy = new Map<string, string>();
  readonly uses: string[] = [];

  constructor(private readonly keys: Map<string, Stored>) {}

  async read(keyId: string): Promise<OrganizationKey | null> {
    const key = this.keys.get(keyId);
    if (!key) return null;
    const { isRevoked, ...stored } = key;
    const revokedAt = isRevoked ? new Date(0) : null;
    return {
      ...stored,
      revokedAt,
      lastUsedAt: null,
      replacedBy: this.replacedBy.get(keyId) ?? null,
    };
  }

  async list(organizationId: string, limit: number): Promise<readonly OrganizationKey[]> {
    const ids = [...this.keys.values()]
      .filter((key) => key.organizationId === organizationId)
      .map(({ id }) => id)
      .reverse();
    const found = await Promise.all(ids.slice(0, limit).map((id) => this.read(id)));
    return found.filter((key) => key !== null);
  }

  async findIdByHash(keyHash: string): Promise<string | null> {
    return [...this.keys.values()].find((key) => key.keyHash === keyHash)?.id ?? null;
  }

  async rotate(keyId: string, successor: ApiKey, endsAt: Date): Promise<RotateOutcome> {
    const old = this.keys.get(keyId);
    if (!old) return 'not_found';
    if (old.isRevoked || this.replacedBy.has(keyId)) return 'ended';
    this.replacedBy.set(keyId, successor.id);
    this.keys.set(keyId, { ...old, expiresAt: endsAt });
    this.keys.set(successor.id, { ...successor, isRevoked: false });
    return 'rotated';
  }

  async noteUse(keyId: string): Promise<void> {
    this.uses.push(keyId);
  }
}
