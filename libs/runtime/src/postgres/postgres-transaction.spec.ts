// Goal: whatever fails in a transaction, the first error is told and no connection goes back to the pool in disorder.
import type pg from 'pg';
import { inTransaction } from './postgres-transaction.js';

class StandInClient {
  readonly statements: string[] = [];
  released: (Error | undefined)[] = [];

  constructor(private readonly answers: Readonly<Record<string, Error | string>> = {}) {}

  query(sql: string): Promise<{ command: string }> {
    this.statements.push(sql);
    const answer = this.answers[sql] ?? sql;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ command: answer });
  }

  release(error?: Error): void {
    this.released.push(error);
  }
}

const poolOf = (client: StandInClient): Pick<pg.Pool, 'connect'> => ({
  connect: () => Promise.resolve(client as unknown as pg.PoolClient),
});
const lost = (): Error => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

test('what work returns comes back after COMMIT, and the connection goes back in order', async () => {
  const client = new StandInClient();
  const result = inTransaction(poolOf(client), async (sql) => {
    await sql.query('INSERT');
    return 7;
  });
  await expect(result).resolves.toBe(7);
  expect(client.statements).toEqual(['BEGIN', 'INSERT', 'COMMIT']);
  expect(client.released).toEqual([undefined]);
});

test('a refusal of work is rolled back; the connection is used again', async () => {
  const client = new StandInClient();
  const refusal = new Error('not enough');
  const result = inTransaction(poolOf(client), () => Promise.reject(refusal), 'snapshot');
  await expect(result).rejects.toBe(refusal);
  expect(client.statements).toEqual([
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    'ROLLBACK',
  ]);
  expect(client.released).toEqual([undefined]);
});

test.each([
  ['BEGIN', lost()],
  ['COMMIT', lost()],
  ['COMMIT', new Error('Query read timeout')],
])(
  'a connection that is lost at %s is closed, and nobody waits for its ROLLBACK',
  async (at, error) => {
    const client = new StandInClient({ [at]: error });
    await expect(inTransaction(poolOf(client), () => Promise.resolve())).rejects.toBe(error);
    expect(client.statements).not.toContain('ROLLBACK');
    expect(client.released).toEqual([error]);
  },
);

test('a connection whose ROLLBACK fails is closed; the first error is thrown', async () => {
  const rollback = new Error('no ROLLBACK');
  const client = new StandInClient({ ROLLBACK: rollback });
  const refusal = new Error('not enough');
  await expect(inTransaction(poolOf(client), () => Promise.reject(refusal))).rejects.toBe(refusal);
  expect(client.released).toEqual([rollback]);
});

test('a COMMIT that PostgreSQL turned into a ROLLBACK is no success', async () => {
  const client = new StandInClient({ COMMIT: 'ROLLBACK' });
  await expect(inTransaction(poolOf(client), () => Promise.resolve('done'))).rejects.toThrow(
    'a statement failed',
  );
  expect(client.released).toEqual([undefined]);
});

test('without a connection nothing is begun', async () => {
  const away = new Error('timeout exceeded when trying to connect');
  const pool = { connect: () => Promise.reject(away) } as unknown as pg.Pool;
  await expect(inTransaction(pool, () => Promise.resolve())).rejects.toBe(away);
});
