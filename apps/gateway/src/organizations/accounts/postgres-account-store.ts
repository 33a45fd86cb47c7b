import { invariant } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { bounded } from '../../edge/rpc/availability.js';
import type { Account } from './account.js';
import type { AccountKey, AccountPrincipal, AccountStore } from './account-ports.js';

interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly mode: string;
  readonly defaultCurrency: string;
  readonly timezone: string;
  readonly createdAt: Date;
}

/** Whoever waits longer is answered `unavailable` anyway. */
const TRANSACTION = { maxWait: 3_000, timeout: 3_000 };

/** Accounts and their keys in the schema `gateway`. */
export class PostgresAccountStore implements AccountStore {
  constructor(private readonly prisma: PrismaClient) {}

  async save(account: Account): Promise<void> {
    await bounded('Postgres', this.prisma.account.create({ data: { ...account } }));
  }

  async read(accountId: string): Promise<Account | null> {
    const found = this.prisma.account.findUnique({ where: { id: accountId } });
    const row = await bounded('Postgres', found);
    return row && fromRow(row);
  }

  async list(): Promise<readonly Account[]> {
    const found = this.prisma.account.findMany({
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    });
    return (await bounded('Postgres', found)).map(fromRow);
  }

  async replaceKeys(
    key: AccountKey,
    webhookSecret: string,
  ): Promise<{ webhookSecret: string; revokedHashes: readonly string[] }> {
    const replaced = this.prisma.$transaction(async (sql) => {
      // Whoever rotates first keeps the account until its key is written: in the end there is one key.
      await sql.$queryRaw`SELECT 1 FROM gateway.account WHERE id = ${key.accountId} FOR NO KEY UPDATE`;
      const old = await sql.accountKey.findMany({
        where: { accountId: key.accountId },
        select: { keyHash: true },
      });
      await sql.accountKey.updateMany({
        where: { accountId: key.accountId, revokedAt: null },
        data: { revokedAt: key.createdAt },
      });
      await sql.accountKey.create({ data: { ...key } });
      await sql.account.updateMany({
        where: { id: key.accountId, webhookSecret: null },
        data: { webhookSecret },
      });
      const account = await sql.account.findUniqueOrThrow({ where: { id: key.accountId } });
      invariant(account.webhookSecret !== null, 'an account with a key has a webhook secret');
      // All that ever were: a caller whose bar failed repeats, and then bars them again.
      const revokedHashes = old.map(({ keyHash }) => keyHash);
      return { webhookSecret: account.webhookSecret, revokedHashes };
    }, TRANSACTION);
    return await bounded('Postgres', replaced);
  }

  async uncheckedHashes(): Promise<readonly string[]> {
    const where = { hasCheck: false, revokedAt: null };
    const found = this.prisma.accountKey.findMany({ where, select: { keyHash: true } });
    return (await bounded('Postgres', found)).map(({ keyHash }) => keyHash);
  }

  async findByKeyHash(keyHash: string): Promise<AccountPrincipal | null> {
    const row = await bounded(
      'Postgres',
      this.prisma.accountKey.findUnique({ where: { keyHash }, include: { account: true } }),
    );
    if (!row || row.revokedAt !== null) return null;
    const { id, mode, defaultCurrency, timezone } = fromRow(row.account);
    return { id, mode, defaultCurrency, timezone, keyId: row.id };
  }
}

function fromRow(row: AccountRow): Account {
  const { id, name, mode, defaultCurrency, timezone, createdAt } = row;
  invariant(mode === 'test' || mode === 'live', 'an account is for test or live');
  return { id, name, mode, defaultCurrency, timezone, createdAt };
}
