import type { KeyScope } from '../../edge/keys/scopes.js';
import type { ApiKey } from '../../edge/ports.js';
import type { RotateOutcome } from '../operators/operator-key.js';

/** A key of an organization with what happened to it. */
export interface OrganizationKey extends ApiKey {
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  /** The key that took its place when it was rotated. */
  readonly replacedBy: string | null;
}

/** An operator's terms of a new key. */
export interface KeyTerms {
  readonly name: string | null;
  readonly scopes: readonly KeyScope[];
  readonly expiresAt: Date | null;
  /** Id of the operator key that makes it. */
  readonly createdBy: string | null;
}

/** Errors: OrbitError `unavailable` when Postgres is unavailable. */
export interface OrganizationKeyStore {
  read(keyId: string): Promise<OrganizationKey | null>;
  /** Newest first, after the given one; revoked and expired ones too. */
  list(
    organizationId: string,
    limit: number,
    afterId: string | null,
  ): Promise<readonly OrganizationKey[]>;
  /** The id of a key, revoked or not. */
  findIdByHash(keyHash: string): Promise<string | null>;
  /** Saves the successor and ends the old key at `endsAt`, unless it ends before or has a successor. */
  rotate(keyId: string, successor: ApiKey, endsAt: Date): Promise<RotateOutcome>;
  noteUse(keyId: string, at: Date): Promise<void>;
}
