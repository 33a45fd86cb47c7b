import { invariant } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { KEY_SCOPES, type KeyScope } from '../../edge/keys/scopes.js';
import type { ApiKey } from '../../edge/ports.js';
import { bounded } from '../../edge/rpc/availability.js';
import type { RotateOutcome } from '../operators/operator-key.js';
import type { OrganizationKey, OrganizationKeyStore } from './organization-key.js';

/** Whoever waits longer is answered `unavailable` anyway. */
const TRANSACTION = { maxWait: 3_000, timeout: 3_000 };

interface Row extends Omit<OrganizationKey, 'mode' | 'scopes'> {
  readonly mode: string;
  readonly scopes: readonly string[];
}

/** Keys of organizations as operators see them, in the schema `gateway`. */
export class PostgresOrganizationKeys implements OrganizationKeyStore {
  constructor(private readonly prisma: PrismaClient) {}

  async read(keyId: string): Promise<OrganizationKey | null> {
    const row = await bounded('Postgres', this.prisma.apiKey.findUnique({ where: { id: keyId } }));
    return row && fromRow(row);
  }

  async list(
    organizationId: string,
    limit: number,
    afterId: string | null,
  ): Promise<readonly OrganizationKey[]> {
    const found = this.prisma.apiKey.findMany({
      take: limit,
      where: { organizationId },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      ...(afterId === null ? {} : { cursor: { id: afterId }, skip: 1 }),
    });
    return (await bounded('Postgres', found)).map(fromRow);
  }

  async findIdByHash(keyHash: string): Promise<string | null> {
    const found = this.prisma.apiKey.findUnique({ where: { keyHash }, select: { id: true } });
    return (await bounded('Postgres', found))?.id ?? null;
  }

  async rotate(keyId: string, successor: ApiKey, endsAt: Date): Promise<RotateOutcome> {
    const { createdAt: now } = successor;
    const rotated = this.prisma.$transaction(async (sql): Promise<RotateOutcome> => {
      const { count } = await sql.apiKey.updateMany({
        where: {
          ...{ id: keyId, revokedAt: null, replacedBy: null },
          OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
        },
        data: { replacedBy: successor.id },
      });
      if (count === 0) {
        return (await sql.apiKey.findUnique({ where: { id: keyId } })) ? 'ended' : 'not_found';
      }
      await sql.apiKey.updateMany({
        where: { id: keyId, OR: [{ expiresAt: null }, { expiresAt: { gt: endsAt } }] },
        data: { expiresAt: endsAt },
      });
      await sql.apiKey.create({ data: { ...successor, scopes: [...successor.scopes] } });
      return 'rotated';
    }, TRANSACTION);
    return bounded('Postgres', rotated);
  }

  async noteUse(keyId: string, at: Date): Promise<void> {
    const noted = this.prisma.apiKey.updateMany({
      where: { id: keyId },
      data: { lastUsedAt: at },
    });
    await bounded('Postgres', noted);
  }
}

const isScope = (text: string): text is KeyScope =>
  (KEY_SCOPES as readonly string[]).includes(text);

/** The scopes of a row, in one order. */
export const scopesOf = (stored: readonly string[]): readonly KeyScope[] => {
  invariant(stored.every(isScope), 'a key has scopes');
  return KEY_SCOPES.filter((scope) => stored.includes(scope));
};

function fromRow({ mode, scopes, ...row }: Row): OrganizationKey {
  invariant(mode === 'test' || mode === 'live', 'a key is for test or live');
  return { ...row, mode, scopes: scopesOf(scopes) };
}
