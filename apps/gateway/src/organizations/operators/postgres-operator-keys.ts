import { invariant } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { OPERATOR_ROLES, type OperatorRole } from '../../edge/keys/scopes.js';
import { bounded } from '../../edge/rpc/availability.js';
import type {
  OperatorKey,
  OperatorKeyStore,
  OperatorPrincipal,
  RotateOutcome,
} from './operator-key.js';

/** Whoever waits longer is answered `unavailable` anyway. */
const TRANSACTION = { maxWait: 3_000, timeout: 3_000 };

type Row = Omit<OperatorKey, 'role'> & { readonly role: string };

/** Named operator keys in the schema `gateway`. */
export class PostgresOperatorKeys implements OperatorKeyStore {
  constructor(private readonly prisma: PrismaClient) {}

  async save(key: OperatorKey): Promise<void> {
    await bounded('Postgres', this.prisma.operatorKey.create({ data: { ...key } }));
  }

  async read(keyId: string): Promise<OperatorKey | null> {
    const found = this.prisma.operatorKey.findUnique({ where: { id: keyId } });
    const row = await bounded('Postgres', found);
    return row && fromRow(row);
  }

  async list(): Promise<readonly OperatorKey[]> {
    const found = this.prisma.operatorKey.findMany({
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    });
    return (await bounded('Postgres', found)).map(fromRow);
  }

  async findByKeyHash(keyHash: string): Promise<OperatorPrincipal | null> {
    const found = this.prisma.operatorKey.findUnique({ where: { keyHash } });
    const row = await bounded('Postgres', found);
    if (!row || row.revokedAt !== null) return null;
    const { id: keyId, name, role, expiresAt } = fromRow(row);
    return { keyId, name, role, expiresAtMs: expiresAt?.getTime() ?? null };
  }

  async revoke(keyId: string, revokedAt: Date): Promise<string | null> {
    const { operatorKey } = this.prisma;
    const revoked = operatorKey.updateMany({
      where: { id: keyId, revokedAt: null },
      data: { revokedAt },
    });
    await bounded('Postgres', revoked);
    const found = operatorKey.findUnique({ where: { id: keyId }, select: { keyHash: true } });
    return (await bounded('Postgres', found))?.keyHash ?? null;
  }

  async rotate(keyId: string, successor: OperatorKey, endsAt: Date): Promise<RotateOutcome> {
    const { createdAt: now } = successor;
    const rotated = this.prisma.$transaction(async (sql): Promise<RotateOutcome> => {
      const { count } = await sql.operatorKey.updateMany({
        where: {
          ...{ id: keyId, revokedAt: null, replacedBy: null },
          OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
        },
        data: { replacedBy: successor.id },
      });
      if (count === 0) {
        const there = await sql.operatorKey.findUnique({ where: { id: keyId } });
        return there ? 'ended' : 'not_found';
      }
      await sql.operatorKey.updateMany({
        where: { id: keyId, OR: [{ expiresAt: null }, { expiresAt: { gt: endsAt } }] },
        data: { expiresAt: endsAt },
      });
      await sql.operatorKey.create({ data: { ...successor } });
      return 'rotated';
    }, TRANSACTION);
    return bounded('Postgres', rotated);
  }

  async noteUse(keyId: string, at: Date): Promise<void> {
    const noted = this.prisma.operatorKey.updateMany({
      where: { id: keyId },
      data: { lastUsedAt: at },
    });
    await bounded('Postgres', noted);
  }

  async hasOwner(at: Date): Promise<boolean> {
    const found = this.prisma.operatorKey.findFirst({
      where: {
        role: 'owner',
        revokedAt: null,
        OR: [{ expiresAt: null }, { expiresAt: { gt: at } }],
      },
      select: { id: true },
    });
    return (await bounded('Postgres', found)) !== null;
  }
}

const isRole = (text: string): text is OperatorRole =>
  (OPERATOR_ROLES as readonly string[]).includes(text);

function fromRow({ role, ...row }: Row): OperatorKey {
  invariant(isRole(role), 'an operator key has a role');
  return { ...row, role };
}
