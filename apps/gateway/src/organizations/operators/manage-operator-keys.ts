import { OrbitError } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import type { OperatorRole } from '../../edge/keys/scopes.js';
import type { KeyGate, KeyHasher } from '../../edge/ports.js';
import type { AdmitOperator } from './admit-operator.js';
import {
  OPERATOR_KEY_PREFIX,
  type OperatorKey,
  type OperatorKeyStore,
  type OperatorPrincipal,
} from './operator-key.js';

export interface NewOperatorKey {
  readonly name: string;
  readonly role: OperatorRole;
  readonly expiresAt: Date | null;
}

/** The only moment at which a key is readable. */
export interface IssuedOperatorKey {
  readonly stored: OperatorKey;
  readonly key: string;
}

/** The use cases of named operator keys. */
export class ManageOperatorKeys {
  constructor(
    private readonly keys: OperatorKeyStore,
    private readonly gate: KeyGate<OperatorPrincipal>,
    private readonly hasher: KeyHasher,
    private readonly clock: Clock,
    private readonly admit: Pick<AdmitOperator, 'dropOwner'>,
  ) {}

  list(): Promise<readonly OperatorKey[]> {
    return this.keys.list();
  }

  /** Errors: invalid_field. */
  async create(wanted: NewOperatorKey, createdBy: string): Promise<IssuedOperatorKey> {
    const { expiresAt } = wanted;
    if (expiresAt !== null && expiresAt.getTime() <= this.clock.nowMs()) {
      const message = 'expires_at is an instant in the future.';
      throw new OrbitError('invalid_field', message, { param: 'expires_at' });
    }
    const issued = this.newKey(wanted, createdBy);
    await this.keys.save(issued.stored);
    this.admit.dropOwner();
    return issued;
  }

  /** A successor with the same name, role and expiry; both are valid for so long. Errors: not_found, conflict. */
  async rotate(keyId: string, overlapMs: number, createdBy: string): Promise<IssuedOperatorKey> {
    const old = await this.read(keyId);
    const issued = this.newKey(old, createdBy);
    const endsAt = new Date(this.clock.nowMs() + overlapMs);
    const outcome = await this.keys.rotate(keyId, issued.stored, endsAt);
    if (outcome === 'not_found') throw noSuchKey();
    if (outcome === 'ended') {
      throw new OrbitError('conflict', 'The key has ended, or has a successor already.');
    }
    if (overlapMs === 0) await this.gate.bar(old.keyHash);
    this.admit.dropOwner();
    return issued;
  }

  /** Postgres first, then Redis; after unavailable it is repeated. Errors: not_found, unavailable. */
  async revoke(keyId: string): Promise<void> {
    const keyHash = await this.keys.revoke(keyId, new Date(this.clock.nowMs()));
    if (keyHash === null) throw noSuchKey();
    await this.gate.bar(keyHash);
    this.admit.dropOwner();
  }

  private async read(keyId: string): Promise<OperatorKey> {
    const key = await this.keys.read(keyId);
    if (!key) throw noSuchKey();
    return key;
  }

  private newKey({ name, role, expiresAt }: NewOperatorKey, createdBy: string): IssuedOperatorKey {
    const key = this.hasher.create(OPERATOR_KEY_PREFIX);
    const nowMs = this.clock.nowMs();
    const stored: OperatorKey = {
      ...{ id: newId('opk', nowMs), name, role, expiresAt, createdBy },
      keyHash: this.hasher.hash(key),
      lastFour: key.slice(-4),
      createdAt: new Date(nowMs),
      ...{ lastUsedAt: null, revokedAt: null, replacedBy: null },
    };
    return { stored, key };
  }
}

const noSuchKey = (): OrbitError => new OrbitError('not_found', 'There is no such operator key.');
