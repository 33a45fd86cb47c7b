import type { GatewayPorts } from '../../gateway.ports.js';
import type {
  OperatorKey,
  OperatorKeyStore,
  OperatorPrincipal,
  RotateOutcome,
} from './operator-key.js';

export const OPERATOR_KEY = 'operator-key-of-tests';

const RATE = { isAllowed: true, limit: 4000, remaining: 3999, retryAfterMs: 0, resetMs: 0 };

/** Named operator keys in memory. */
export class FakeOperators implements OperatorKeyStore {
  readonly keys = new Map<string, OperatorKey>();

  ports(): Pick<GatewayPorts, 'operatorKeys' | 'operatorGate' | 'environmentKey'> {
    return {
      operatorKeys: this,
      environmentKey: OPERATOR_KEY,
      operatorGate: {
        admit: async () => ({ cached: 'absent', rate: RATE }),
        remember: async () => undefined,
        bar: async () => undefined,
      },
    };
  }

  async save(key: OperatorKey): Promise<void> {
    this.keys.set(key.id, key);
  }

  async read(keyId: string): Promise<OperatorKey | null> {
    return this.keys.get(keyId) ?? null;
  }

  async list(): Promise<readonly OperatorKey[]> {
    return [...this.keys.values()].reverse();
  }

  async findByKeyHash(keyHash: string): Promise<OperatorPrincipal | null> {
    const key = [...this.keys.values()].find((one) => one.keyHash === keyHash);
    if (!key || key.revokedAt !== null) return null;
    const { id: keyId, name, role, expiresAt } = key;
    return { keyId, name, role, expiresAtMs: expiresAt?.getTime() ?? null };
  }

  async revoke(keyId: string, revokedAt: Date): Promise<string | null> {
    const key = this.keys.get(keyId);
    if (key) this.keys.set(keyId, { ...key, revokedAt: key.revokedAt ?? revokedAt });
    return key?.keyHash ?? null;
  }

  async rotate(keyId: string, successor: OperatorKey, endsAt: Date): Promise<RotateOutcome> {
    const key = this.keys.get(keyId);
    if (!key) return 'not_found';
    if (key.revokedAt !== null || key.replacedBy !== null) return 'ended';
    this.keys.set(keyId, { ...key, replacedBy: successor.id, expiresAt: endsAt });
    this.keys.set(successor.id, successor);
    return 'rotated';
  }

  async noteUse(keyId: string, at: Date): Promise<void> {
    const key = this.keys.get(keyId);
    if (key) this.keys.set(keyId, { ...key, lastUsedAt: at });
  }

  async hasOwner(at: Date): Promise<boolean> {
    const isValid = ({ role, revokedAt, expiresAt }: OperatorKey): boolean =>
      role === 'owner' && revokedAt === null && (expiresAt === null || expiresAt > at);
    return [...this.keys.values()].some(isValid);
  }
}
