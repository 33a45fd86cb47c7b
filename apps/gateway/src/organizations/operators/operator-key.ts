import type { OperatorRole } from '../../edge/keys/scopes.js';

/** Operator keys look like no key of an organization or an account. */
export const OPERATOR_KEY_PREFIX = 'orbit_op_';

const OPERATOR_KEY = /^orbit_op_[0-9A-Za-z]{46}$/;
/** Whether a text can be a named operator key at all. */
export const isOperatorKeyShaped = (text: string): boolean => OPERATOR_KEY.test(text);

/** The id under which the key of the environment acts. */
export const ENVIRONMENT_KEY_ID = 'environment';

/** By which key an operator asks, and what it may do. */
export interface OperatorPrincipal {
  readonly keyId: string;
  readonly name: string;
  readonly role: OperatorRole;
  readonly expiresAtMs: number | null;
}

/** A named operator key as it is stored: its hash, never itself. */
export interface OperatorKey {
  readonly id: string;
  readonly name: string;
  readonly role: OperatorRole;
  readonly keyHash: string;
  readonly lastFour: string;
  /** Id of the operator key that made it. */
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  /** The key that took its place when it was rotated. */
  readonly replacedBy: string | null;
}

export type RotateOutcome = 'rotated' | 'not_found' | 'ended';

/** Errors: OrbitError `unavailable` when Postgres is unavailable. */
export interface OperatorKeyStore {
  save(key: OperatorKey): Promise<void>;
  read(keyId: string): Promise<OperatorKey | null>;
  /** All that ever were, newest first: as many as an operator made by hand. */
  list(): Promise<readonly OperatorKey[]>;
  /** Of an unrevoked key; expiry is for the caller. */
  findByKeyHash(keyHash: string): Promise<OperatorPrincipal | null>;
  /** The revoked key's hash, also when it was revoked before; null when there is none. */
  revoke(keyId: string, revokedAt: Date): Promise<string | null>;
  /** Saves the successor and ends the old key at `endsAt`, unless it ends before or has a successor. */
  rotate(keyId: string, successor: OperatorKey, endsAt: Date): Promise<RotateOutcome>;
  noteUse(keyId: string, at: Date): Promise<void>;
  /** Whether a named owner key is valid at this instant. */
  hasOwner(at: Date): Promise<boolean>;
}
