import { invariant } from '@orbit/kernel';
import { isCurrency } from '@orbit/money';
import type { PrismaClient } from '@orbit/persistence';
import { bounded } from '../../edge/rpc/availability.js';
import type {
  Customer,
  CustomerDirectory,
  CustomerName,
  NewCustomer,
  ProfileRequest,
  UnsentName,
} from './customer-ports.js';

interface Row {
  readonly id: string;
  readonly external_customer_id: string | null;
  readonly currency: string;
  readonly pending_profile: ProfileRequest | null;
}

interface UntoldRow {
  readonly id: string;
  readonly account_id: string;
  readonly external_customer_id: string;
  readonly is_free: boolean;
}

const UNIQUE_VIOLATION = '23505';

/** Organizations as customers of /v1, in the schema `gateway`. */
export class PostgresCustomerDirectory implements CustomerDirectory {
  constructor(private readonly prisma: PrismaClient) {}

  async claim(customer: NewCustomer): Promise<'claimed' | 'known' | 'taken'> {
    const { id, externalCustomerId, name, currency, createdAt, profile } = customer;
    const insert = this.prisma.$executeRaw`
      INSERT INTO gateway.organization
        (id, name, currency, created_at, account_id, external_customer_id, state, pending_profile)
      VALUES (${id}, ${name}, ${currency}, ${createdAt}, ${profile.account.id}, ${externalCustomerId},
              'creating', ${JSON.stringify(profile)}::jsonb)
      ON CONFLICT DO NOTHING`;
    if ((await bounded('Postgres', insert)) === 1) return 'claimed';
    return (await this.findPending(id)) === null ? 'taken' : 'known';
  }

  async find(accountId: string, name: CustomerName): Promise<Customer | null> {
    const rows =
      'id' in name
        ? this.prisma.$queryRaw<Row[]>`
            SELECT id, external_customer_id, currency, pending_profile FROM gateway.organization
            WHERE id = ${name.id} AND account_id = ${accountId} AND state = 'active'`
        : this.prisma.$queryRaw<Row[]>`
            SELECT id, external_customer_id, currency, pending_profile FROM gateway.organization
            WHERE external_customer_id = ${name.externalCustomerId} AND account_id = ${accountId}
              AND state = 'active'`;
    return first(await bounded('Postgres', rows));
  }

  async findPending(id: string): Promise<Customer | null> {
    const rows = this.prisma.$queryRaw<Row[]>`
      SELECT id, external_customer_id, currency, pending_profile FROM gateway.organization
      WHERE id = ${id}`;
    return first(await bounded('Postgres', rows));
  }

  async finish(id: string, isMade: boolean): Promise<void> {
    // An organization made over the Orbit API is there whatever becomes of its profile.
    const update = this.prisma.$executeRaw`
      UPDATE gateway.organization SET pending_profile = NULL,
        state = CASE WHEN state = 'creating' THEN ${isMade ? 'active' : 'failed'} ELSE state END
      WHERE id = ${id}`;
    await bounded('Postgres', update);
  }

  async name(
    id: string,
    externalCustomerId: string,
  ): Promise<'named' | 'taken' | 'named_otherwise'> {
    const named = await unlessTaken(this.prisma.$executeRaw`
      UPDATE gateway.organization SET external_customer_id = ${externalCustomerId}, name_told_at = NULL
      WHERE id = ${id} AND coalesce(external_customer_id, ${externalCustomerId}) = ${externalCustomerId}`);
    if (named === 'taken') return 'taken';
    return named === 1 ? 'named' : 'named_otherwise';
  }

  async unname(id: string, externalCustomerId: string): Promise<void> {
    const unnamed = this.prisma.$executeRaw`
      UPDATE gateway.organization SET external_customer_id = NULL
      WHERE id = ${id} AND external_customer_id = ${externalCustomerId}`;
    await bounded('Postgres', unnamed);
  }

  async delete(id: string): Promise<void> {
    const deleted = this.prisma.$executeRaw`
      UPDATE gateway.organization SET state = 'deleted', name_told_at = NULL WHERE id = ${id} AND state = 'active'`;
    await bounded('Postgres', deleted);
  }

  async resolve(
    accountId: string,
    ids: readonly string[],
    externalCustomerIds: readonly string[],
  ): Promise<readonly Pick<Customer, 'id' | 'externalCustomerId'>[]> {
    const rows = this.prisma.$queryRaw<Pick<Row, 'id' | 'external_customer_id'>[]>`
      SELECT id, external_customer_id FROM gateway.organization
      WHERE id = ANY(${[...ids]}::text[]) AND account_id = ${accountId} AND state = 'active'
      UNION ALL
      SELECT id, external_customer_id FROM gateway.organization
      WHERE account_id = ${accountId} AND external_customer_id = ANY(${[...externalCustomerIds]}::text[])
        AND state = 'active'`;
    return (await bounded('Postgres', rows)).map(({ id, external_customer_id }) => ({
      id,
      externalCustomerId: external_customer_id,
    }));
  }

  async listUnsent(of: string | number): Promise<readonly UnsentName[]> {
    const [id, limit] = typeof of === 'string' ? [of, 1] : [null, of];
    const rows = this.prisma.$queryRaw<UntoldRow[]>`
      SELECT id, account_id, external_customer_id, state = 'deleted' AS is_free
      FROM gateway.organization
      WHERE external_customer_id IS NOT NULL AND name_told_at IS NULL
        AND state IN ('active', 'deleted') AND (${id}::text IS NULL OR id = ${id})
      ORDER BY created_at LIMIT ${limit}`;
    return (await bounded('Postgres', rows)).map((row) => ({
      id: row.id,
      accountId: row.account_id,
      externalCustomerId: row.external_customer_id,
      isFree: row.is_free,
    }));
  }

  async markSent({ id, isFree }: UnsentName, at: Date): Promise<void> {
    const marked = this.prisma.$executeRaw`
      UPDATE gateway.organization SET name_told_at = ${at}
      WHERE id = ${id} AND (state = 'deleted') = ${isFree}`;
    await bounded('Postgres', marked);
  }

  async listPending(before: Date, limit: number): Promise<readonly Customer[]> {
    const rows = this.prisma.$queryRaw<Row[]>`
      SELECT id, external_customer_id, currency, pending_profile FROM gateway.organization
      WHERE pending_profile IS NOT NULL AND created_at < ${before}
      ORDER BY created_at LIMIT ${limit}`;
    return (await bounded('Postgres', rows)).map(fromRow);
  }
}

/** `taken` instead of the fault of a unique index. */
async function unlessTaken(write: Promise<number>): Promise<number | 'taken'> {
  const attempt = write.catch((error: unknown) => {
    if (isUniqueViolation(error)) return 'taken' as const;
    throw error;
  });
  return await bounded('Postgres', attempt);
}

/** Prisma wraps what the driver says of a raw statement; its message names the SQL state. */
function isUniqueViolation(error: unknown): boolean {
  const { meta, message } = error as { meta?: { code?: string }; message?: string };
  return meta?.code === UNIQUE_VIOLATION || (message ?? '').includes(UNIQUE_VIOLATION);
}

const first = (rows: readonly Row[]): Customer | null => (rows[0] ? fromRow(rows[0]) : null);

function fromRow(row: Row): Customer {
  const { id, external_customer_id, currency, pending_profile } = row;
  invariant(isCurrency(currency), 'an organization has a currency that a wallet may hold');
  return { id, externalCustomerId: external_customer_id, currency, pending: pending_profile };
}
