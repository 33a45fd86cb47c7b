import { OrbitError, unknownCursor } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import type { ApiKey, KeyGate, KeyHasher, OrganizationStore } from '../../edge/ports.js';
import { apiKeyPrefix, type KeyMode } from '../api-key.js';
import type { KeyTerms, OrganizationKey, OrganizationKeyStore } from './organization-key.js';

/** The operator's use cases for keys of organizations that are there. */
export class ManageKeys {
  constructor(
    private readonly keys: OrganizationKeyStore,
    private readonly organizations: Pick<OrganizationStore, 'read' | 'revokeKey'>,
    private readonly gate: KeyGate,
    private readonly hasher: KeyHasher,
    private readonly clock: Clock,
  ) {}

  /** Errors: not_found, invalid_field. */
  async list(
    organizationId: string,
    limit: number,
    afterId: string | null,
  ): Promise<readonly OrganizationKey[]> {
    if (!(await this.organizations.read(organizationId))) {
      throw new OrbitError('not_found', 'There is no such organization.');
    }
    const after = afterId === null ? null : await this.keys.read(afterId);
    if (afterId !== null && after?.organizationId !== organizationId) throw unknownCursor();
    return this.keys.list(organizationId, limit, afterId);
  }

  /** A successor with the same terms; both are valid for so long. Errors: not_found, conflict. */
  async rotate(
    keyId: string,
    overlapMs: number,
    createdBy: string,
  ): Promise<{ readonly stored: ApiKey; readonly key: string }> {
    const old = await this.keys.read(keyId);
    if (!old) throw noSuchKey();
    const { organizationId, mode, name, scopes, expiresAt } = old;
    const terms = { name, scopes, expiresAt, createdBy };
    const made = newKey(this.hasher, this.clock.nowMs(), organizationId, mode, terms);
    const endsAt = new Date(this.clock.nowMs() + overlapMs);
    const outcome = await this.keys.rotate(keyId, made.stored, endsAt);
    if (outcome === 'not_found') throw noSuchKey();
    if (outcome === 'ended') {
      throw new OrbitError('conflict', 'The key has ended, or has a successor already.');
    }
    if (overlapMs === 0) await this.gate.bar(old.keyHash);
    return made;
  }

  /** Ends a key by itself, for whoever found it. Answers its id. Errors: not_found, unavailable. */
  async revoke(key: string): Promise<string> {
    const keyId = await this.keys.findIdByHash(this.hasher.hash(key));
    if (keyId === null) throw noSuchKey();
    const keyHash = await this.organizations.revokeKey(keyId, new Date(this.clock.nowMs()));
    if (keyHash !== null) await this.gate.bar(keyHash);
    return keyId;
  }
}

/** A fresh key under these terms, and what is stored of it. */
export function newKey(
  hasher: KeyHasher,
  nowMs: number,
  organizationId: string,
  mode: KeyMode,
  terms: KeyTerms,
): { readonly stored: ApiKey; readonly key: string } {
  const key = hasher.create(apiKeyPrefix(mode));
  const stored: ApiKey = {
    ...{ id: newId('ak', nowMs), organizationId, mode, ...terms },
    keyHash: hasher.hash(key),
    lastFour: key.slice(-4),
    hasCheck: true,
    createdAt: new Date(nowMs),
  };
  return { stored, key };
}

const noSuchKey = (): OrbitError => new OrbitError('not_found', 'There is no such API key.');
