import { createHash, timingSafeEqual } from 'node:crypto';
import { OrbitError } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { KeyUses } from '../../edge/keys/key-uses.js';
import { rolesOf } from '../../edge/keys/scopes.js';
import { wrongKey, type WrongKeys } from '../../edge/keys/wrong-keys.js';
import type { KeyGate, KeyHasher } from '../../edge/ports.js';
import { isUnreachable } from '../../edge/rpc/availability.js';
import type { RateLimitState } from '../request-rate.js';
import {
  ENVIRONMENT_KEY_ID,
  isOperatorKeyShaped,
  type OperatorKeyStore,
  type OperatorPrincipal,
} from './operator-key.js';

/** How long it is assumed that a named owner key is, or is not, there. */
const OWNER_KNOWN_MS = 5_000;
const KEYS_ROUTE = '/api/v1/operator/keys';

const ENVIRONMENT: OperatorPrincipal = {
  keyId: ENVIRONMENT_KEY_ID,
  name: 'OPERATOR_API_KEY',
  role: 'owner',
  expiresAtMs: null,
};

export interface AdmittedOperator {
  readonly operator: OperatorPrincipal;
  /** Null for the key of the environment, which has no limit. */
  readonly rate: RateLimitState | null;
}

/** Says which operator asks, and whether its role lets it into a route. */
export class AdmitOperator {
  private readonly environmentDigest: Buffer;
  private owner = { isThere: false, knownAtMs: -Infinity };

  constructor(
    environmentKey: string,
    private readonly gate: KeyGate<OperatorPrincipal>,
    private readonly keys: Pick<OperatorKeyStore, 'findByKeyHash' | 'hasOwner'>,
    private readonly hasher: KeyHasher,
    private readonly wrongKeys: WrongKeys,
    private readonly uses: KeyUses,
    private readonly clock: Clock,
  ) {
    this.environmentDigest = digest(environmentKey);
  }

  /** Errors: missing_api_key, invalid_api_key, too_many_wrong_keys, missing_scope, unavailable. */
  async run(
    key: string | undefined,
    address: string,
    method: string,
    route: string,
  ): Promise<AdmittedOperator> {
    if (key === undefined || key === '') {
      throw new OrbitError('missing_api_key', 'Send the operator key in the X-API-Key header.');
    }
    const admitted = await this.admit(key);
    if (!admitted) {
      throw wrongKey(this.wrongKeys.note(address, 'operator'), 'This is not the operator key.');
    }
    requireRole(admitted.operator, method, route);
    if (admitted.operator.keyId === ENVIRONMENT_KEY_ID) await this.requireBootstrap(route);
    return admitted;
  }

  /** Whether it is an operator's key at all; wrong ones are counted. Errors: unavailable. */
  async isOperator(key: string | undefined, address: string): Promise<boolean> {
    if (key === undefined || key === '') return false;
    if (await this.admit(key)) return true;
    this.wrongKeys.note(address, 'operator');
    return false;
  }

  /** A named owner key was made or ended by this process: the next request asks anew. */
  dropOwner(): void {
    this.owner = { isThere: false, knownAtMs: -Infinity };
  }

  private async admit(key: string): Promise<AdmittedOperator | null> {
    if (timingSafeEqual(digest(key), this.environmentDigest)) {
      return { operator: ENVIRONMENT, rate: null };
    }
    if (!isOperatorKeyShaped(key) || this.hasher.standing(key) !== 'checked') return null;
    const keyHash = this.hasher.hash(key);
    const { cached, rate } = await this.gate.admit(keyHash);
    if (cached === 'unknown') return null;
    const operator = cached === 'absent' ? await this.lookUp(keyHash) : cached;
    if (!operator || (operator.expiresAtMs ?? Infinity) <= this.clock.nowMs()) return null;
    this.uses.note(operator.keyId);
    return { operator, rate };
  }

  private async lookUp(keyHash: string): Promise<OperatorPrincipal | null> {
    const operator = await this.keys.findByKeyHash(keyHash);
    await this.gate.remember(keyHash, operator);
    return operator;
  }

  /** The key of the environment begins and rescues: while there is a named owner it only manages keys. */
  private async requireBootstrap(route: string): Promise<void> {
    if (route === KEYS_ROUTE || route.startsWith(`${KEYS_ROUTE}/`)) return;
    if (!(await this.hasOwner())) return;
    const message =
      'OPERATOR_API_KEY only manages operator keys once a named owner key exists. Send a named key.';
    throw new OrbitError('missing_scope', message, { details: { scope: 'named operator key' } });
  }

  private async hasOwner(): Promise<boolean> {
    const nowMs = this.clock.nowMs();
    if (nowMs - this.owner.knownAtMs < OWNER_KNOWN_MS) return this.owner.isThere;
    try {
      this.owner = { isThere: await this.keys.hasOwner(new Date(nowMs)), knownAtMs: nowMs };
    } catch (error) {
      // What was known last holds on: without Postgres an operator may still look at what runs.
      if (!isUnreachable(error)) throw error;
    }
    return this.owner.isThere;
  }
}

function requireRole({ role, name }: OperatorPrincipal, method: string, route: string): void {
  const roles = rolesOf(method, route);
  if (roles?.includes(role)) return;
  const asked = (roles ?? ['owner']).join(' or ');
  const message = `The key "${name}" is a ${role}; this asks for ${asked}.`;
  throw new OrbitError('missing_scope', message, { details: { scope: asked } });
}

/** Digests have one length, so the comparison reveals nothing about the key's. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
