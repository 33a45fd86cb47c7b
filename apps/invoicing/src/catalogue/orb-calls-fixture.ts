// Calls as the gateway makes them, and answers checked against the contract, for tests of what invoicing serves.
import type { MetricSummary, OrbAnswer, OrbCall } from '@orbit/contracts';
import { invariant, onRealTime } from '@orbit/kernel';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { createPrisma, type PrismaClient } from '@orbit/persistence';
import { createTestDatabase, eventually, fingerprintTables } from '@orbit/testing';
import type { Metering } from './application/evaluation-ports.js';
import { catalogueOf } from './catalogue.module.js';

export interface Shown {
  readonly id: string;
  readonly data: readonly Shown[];
  readonly pagination_metadata: { has_more: boolean; next_cursor: string | null };
  readonly [field: string]: unknown;
}

/** A call of `acct_a`, unless told. */
export const callOf = (call: Partial<OrbCall> & { accountId?: string } = {}): OrbCall => ({
  account: {
    id: call.accountId ?? 'acct_a',
    ...{ mode: 'live', default_currency: 'USD', timezone: 'Europe/Berlin' },
  },
  customer: call.customer ?? null,
  path: call.path ?? {},
  query: call.query ?? {},
  body: call.body ?? {},
  idempotency: call.idempotency ?? null,
});

/** What an answer says, after it was checked against the document. */
export function shown(operationId: string, answer: OrbAnswer): Shown {
  const body = JSON.parse(answer.body ?? 'null') as Shown;
  const operation = findOperation(operationId);
  invariant(operation, `the contract has ${operationId}`);
  expect({ status: answer.status, body }).toMatchObject({ status: operation.successStatus });
  expect(responseFaults(operation, body)).toEqual([]);
  return body;
}

/** The fragment of a refusal and what it tells. */
export function refusal(answer: OrbAnswer): { fragment: string; detail: string } {
  const body = JSON.parse(answer.body ?? 'null') as {
    type: string;
    status: number;
    detail: string;
  };
  expect(body.status).toBe(answer.status);
  return { fragment: body.type.split('#')[1] ?? '', detail: body.detail };
}

export const INVALID = '400-request-validation-errors';
export const VIOLATION = '400-constraint-violation';
export const DUPLICATE = '400-duplicate-resource-creation';
export const MISSING = '404-resource-not-found';

/** A catalogue over a database of its own; `metrics` are what usage-metering has, of every account. */
export async function catalogueUnderTest(start: string) {
  const time = { nowMs: Date.parse(start) };
  const clock = { nowMs: () => time.nowMs };
  const database = await createTestDatabase();
  const prisma: PrismaClient = createPrisma(database.urlFor('orbit_invoicing'), { poolSizeMax: 8 });
  const metrics: MetricSummary[] = [];
  const metering: { check: Metering['check']; count: Metering['count'] } = {
    check: async (_account, definitions) => definitions.map(() => ({ faults: [] })),
    count: async () => ({ faults: [], results: [] }),
  };
  const catalogue = catalogueOf({
    prisma,
    clock,
    accountClock: onRealTime(clock),
    metrics: {
      read: async (_account, ids) => metrics.filter(({ id }) => ids.includes(id)),
      check: (...question) => metering.check(...question),
      count: (...question) => metering.count(...question),
    },
  });
  await eventually(() => prisma.$queryRaw`SELECT 1`);
  const close = async () => {
    await prisma.$disconnect();
    await database.drop();
  };
  const state = () => fingerprintTables(database.adminUrl, 'invoicing');
  return { ...catalogue, prisma, metrics, metering, time, close, state };
}
