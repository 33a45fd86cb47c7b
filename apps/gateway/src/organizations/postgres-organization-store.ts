import { invariant } from '@orbit/kernel';
import { isCurrency } from '@orbit/money';
import type { Prisma, PrismaClient } from '@orbit/persistence';
import type { ApiKey, Organization, OrganizationStore, Principal } from '../edge/ports.js';
import type { ProfileRequest } from './customers/customer-ports.js';
import { scopesOf } from './keys/postgres-organization-keys.js';
import { bounded } from '../edge/rpc/availability.js';

interface OrganizationRow {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly accountId: string;
  readonly createdAt: Date;
}

/** Organizations and keys in the schema `gateway`, which this role alone writes. */
export class PostgresOrganizationStore implements OrganizationStore {
  constructor(private readonly prisma: PrismaClient) {}

  async save(organization: Organization, firstKey: ApiKey, profile: ProfileRequest): Promise<void> {
    const { organization: organizations, apiKey } = this.prisma;
    await bounded(
      'Postgres',
      this.prisma.$transaction([
        organizations.create({
          data: { ...organization, pendingProfile: profile as unknown as Prisma.InputJsonObject },
        }),
        apiKey.create({ data: { ...firstKey, scopes: [...firstKey.scopes] } }),
      ]),
    );
  }

  async read(organizationId: string): Promise<Organization | null> {
    const row = await bounded(
      'Postgres',
      this.prisma.organization.findUnique({ where: { id: organizationId, state: 'active' } }),
    );
    return row && fromRow(row);
  }

  async list(limit: number, afterId: string | null): Promise<readonly Organization[]> {
    const rows = await bounded(
      'Postgres',
      this.prisma.organization.findMany({
        take: limit,
        where: { state: 'active' },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        ...(afterId === null ? {} : { cursor: { id: afterId }, skip: 1 }),
      }),
    );
    return rows.map(fromRow);
  }

  async saveKey(key: ApiKey): Promise<void> {
    await bounded(
      'Postgres',
      this.prisma.apiKey.create({ data: { ...key, scopes: [...key.scopes] } }),
    );
  }

  async findByKeyHash(keyHash: string): Promise<Principal | null> {
    const row = await bounded(
      'Postgres',
      this.prisma.apiKey.findUnique({
        where: { keyHash },
        include: { organization: { include: { account: true } } },
      }),
    );
    if (!row || row.revokedAt !== null || row.organization.state !== 'active') return null;
    const { id, currency } = fromRow(row.organization);
    const { mode } = row;
    const { mode: accountMode } = row.organization.account;
    invariant(mode === 'test' || mode === 'live', 'a key is for test or live');
    invariant(accountMode === 'test' || accountMode === 'live', 'an account is for test or live');
    const expiresAtMs = row.expiresAt?.getTime() ?? null;
    const scopes = scopesOf(row.scopes);
    return { organizationId: id, currency, keyId: row.id, mode, accountMode, scopes, expiresAtMs };
  }

  async uncheckedHashes(): Promise<readonly string[]> {
    const where = { hasCheck: false, revokedAt: null };
    const found = this.prisma.apiKey.findMany({ where, select: { keyHash: true } });
    return (await bounded('Postgres', found)).map(({ keyHash }) => keyHash);
  }

  async revokeKey(keyId: string, revokedAt: Date): Promise<string | null> {
    const row = await bounded(
      'Postgres',
      this.prisma.apiKey.findUnique({ where: { id: keyId }, select: { keyHash: true } }),
    );
    if (!row) return null;
    await bounded(
      'Postgres',
      this.prisma.apiKey.updateMany({ where: { id: keyId, revokedAt: null }, data: { revokedAt } }),
    );
    return row.keyHash;
  }
}

function fromRow({ id, name, currency, accountId, createdAt }: OrganizationRow): Organization {
  invariant(isCurrency(currency), 'an organization has a currency that a wallet may hold');
  return { id, name, currency, accountId, createdAt };
}
