import { invariant } from '@orbit/kernel';
import { Prisma, type PrismaClient } from '@orbit/persistence';
import { bounded } from '../rpc/availability.js';
import type {
  AuditedDoor,
  AuditEntry,
  AuditFilter,
  AuditOutcome,
  AuditRecord,
  AuditStore,
} from './audit-entry.js';

interface Row extends Omit<AuditEntry, 'door'> {
  readonly door: string;
  readonly finishedAt: Date | null;
  readonly status: number | null;
  readonly before: unknown;
  readonly after: unknown;
}

const DOORS: readonly string[] = [
  'organization key',
  'operator key',
  'account key',
] satisfies AuditedDoor[];
const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** The trail in `gateway.audit_entry`, into which this role inserts and in which it changes nothing. */
export class PostgresAuditStore implements AuditStore {
  constructor(private readonly prisma: PrismaClient) {}

  async begin(entry: AuditEntry): Promise<void> {
    const { id, at, door, keyId, organizationId, accountId, method, route, subject } = entry;
    const { requestId, address, asked } = entry;
    const inserted = this.prisma.$executeRaw`
      INSERT INTO gateway.audit_entry
        (id, at, door, key_id, organization_id, account_id, method, route, subject, request_id, address, asked)
      VALUES (${id}, ${at}, ${door}, ${keyId}, ${organizationId}, ${accountId}, ${method}, ${route},
        ${subject}, ${requestId}, ${address}, ${json(asked)}::jsonb)`;
    await bounded('Postgres', inserted);
  }

  async finish({ id, entryId, at, status, before, after }: AuditOutcome): Promise<void> {
    const inserted = this.prisma.$executeRaw`
      INSERT INTO gateway.audit_entry (id, at, outcome_of, status, before, after)
      VALUES (${id}, ${at}, ${entryId}, ${status}, ${json(before)}::jsonb, ${json(after)}::jsonb)`;
    await bounded('Postgres', inserted);
  }

  async has(entryId: string): Promise<boolean> {
    const found = this.prisma.$queryRaw<readonly unknown[]>`
      SELECT 1 FROM gateway.audit_entry WHERE id = ${entryId} AND outcome_of IS NULL`;
    return (await bounded('Postgres', found)).length > 0;
  }

  async list(
    filter: AuditFilter,
    limit: number,
    afterId: string | null,
  ): Promise<readonly AuditRecord[]> {
    const where = Prisma.join(conditionsOf(filter, afterId), ' AND ');
    const found = this.prisma.$queryRaw<readonly Row[]>`
      SELECT e.id, e.at, e.door, e.key_id AS "keyId", e.organization_id AS "organizationId",
        e.account_id AS "accountId", e.method, e.route, e.subject, e.request_id AS "requestId",
        e.address, e.asked, o.at AS "finishedAt", o.status, o.before, o.after
      FROM gateway.audit_entry e LEFT JOIN gateway.audit_entry o ON o.outcome_of = e.id
      WHERE ${where} ORDER BY e.at DESC, e.id DESC LIMIT ${limit}`;
    return (await bounded('Postgres', found)).map(fromRow);
  }
}

function conditionsOf(filter: AuditFilter, afterId: string | null): readonly Prisma.Sql[] {
  const conditions = [Prisma.sql`e.outcome_of IS NULL`];
  const { keyId, organizationId, accountId, requestId, route, from, to } = filter;
  if (keyId !== undefined) conditions.push(Prisma.sql`e.key_id = ${keyId}`);
  if (organizationId !== undefined) {
    conditions.push(Prisma.sql`e.organization_id = ${organizationId}`);
  }
  if (accountId !== undefined) conditions.push(Prisma.sql`e.account_id = ${accountId}`);
  if (requestId !== undefined) conditions.push(Prisma.sql`e.request_id = ${requestId}`);
  if (route !== undefined) conditions.push(Prisma.sql`e.route = ${route}`);
  if (from !== undefined) conditions.push(Prisma.sql`e.at >= ${from}`);
  if (to !== undefined) conditions.push(Prisma.sql`e.at < ${to}`);
  if (afterId !== null) {
    conditions.push(Prisma.sql`(e.at, e.id) <
      (SELECT p.at, p.id FROM gateway.audit_entry p WHERE p.id = ${afterId})`);
  }
  return conditions;
}

function fromRow({ finishedAt, status, before, after, door, ...entry }: Row): AuditRecord {
  invariant(DOORS.includes(door), 'an audited change came through a door with keys');
  const outcome =
    finishedAt === null || status === null ? null : { at: finishedAt, status, before, after };
  return { ...entry, door: door as AuditedDoor, outcome };
}
