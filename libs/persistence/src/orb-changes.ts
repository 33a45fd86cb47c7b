import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { refused, type Changes } from '@orbit/orb-api';
import { Prisma, type PrismaClient } from './generated/client.js';
import { answerOnce, type IdempotencySchema } from './idempotency.js';

/** The part of a Prisma transaction that is used. */
export type Sql = Pick<PrismaClient, '$queryRaw' | '$executeRaw'>;

const TRANSACTION_WAIT_MS_MAX = 5_000;
const TRANSACTION_MS_MAX = 10_000;

/** One transaction for an effect and the answer that is kept under its key. */
export class PrismaChanges<Tx> implements Changes<Tx> {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly clock: Clock,
    /** The schema of the service that owns the effect. */
    private readonly schema: IdempotencySchema,
    private readonly transactionOf: (sql: Sql) => Tx,
  ) {}

  run(call: OrbCall, work: (tx: Tx) => Promise<OrbAnswer>): Promise<OrbAnswer> {
    return this.prisma.$transaction(
      async (sql) => {
        const { idempotency } = call;
        const tx = this.transactionOf(sql);
        if (call.account.mode === 'test' && (await this.isMoving(sql, call))) return MOVING;
        if (idempotency === null) return work(tx);
        const request = {
          accountId: call.account.id,
          key: idempotency.key,
          requestHash: idempotency.request_hash,
        };
        const outcome = await answerOnce(
          sql,
          this.schema,
          request,
          this.clock.nowMs(),
          async () => {
            const { status, body } = await work(tx);
            return { status, body: body ?? '' };
          },
        );
        return toAnswer(outcome);
      },
      { maxWait: TRANSACTION_WAIT_MS_MAX, timeout: TRANSACTION_MS_MAX },
    );
  }

  /** Whether the account's clock is on its way. Once it stands, it waits for this transaction before it moves. */
  private async isMoving(sql: Sql, { account }: OrbCall): Promise<boolean> {
    const table = Prisma.raw(`${this.schema}.account_clock`);
    const [row] = await sql.$queryRaw<{ is_moving: boolean }[]>`
      SELECT moving_to IS NOT NULL AS is_moving FROM ${table} WHERE account_id = ${account.id} FOR SHARE`;
    return row?.is_moving ?? false;
  }
}

const MOVING = refused({
  code: 'resource_conflict',
  detail:
    'The clock of the account is being moved; GET /v1/test_clock says when it is there. Repeat this then.',
});

function toAnswer(outcome: Awaited<ReturnType<typeof answerOnce>>): OrbAnswer {
  switch (outcome.kind) {
    case 'done':
    case 'replayed': {
      const { status, body } = outcome.answer;
      const is_replay = outcome.kind === 'replayed';
      return { status, body: body === '' ? null : body, ...(is_replay ? { is_replay } : {}) };
    }
    case 'in_flight': {
      const detail = 'The first request with this Idempotency-Key has not ended. Repeat this one.';
      return refused({ code: 'resource_conflict', detail });
    }
    case 'other_request': {
      const detail = 'This Idempotency-Key was used with another request. Use a new one.';
      return { ...refused({ code: 'resource_conflict', detail }), is_final: true };
    }
  }
}
