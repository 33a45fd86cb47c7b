import { readConfig } from '@orbit/runtime';
import { UsageMeteringConfig } from '../../usage-metering.config.js';
import { FailPoint, FAIL_POINTS, type FailPointName } from './fail-points.js';

/** Passes every place once, in the order of a batch; says after which steps the process would have died. */
async function run(text: string): Promise<string | null> {
  let died: string | null = null;
  const steps: string[] = [];
  const failPoint = new FailPoint(text, () => (died = steps.join(' ')));
  const step = (name: string) => Promise.resolve(void steps.push(name));
  const transactions = failPoint.transactions({
    run: async (work) => {
      const query = async <Row>(sql: string): Promise<readonly Row[]> => {
        await step(sql);
        return [];
      };
      const result = await work({ query });
      await step('commit');
      return result;
    },
  });
  const followers = failPoint.followers(
    { apply: () => step('volume') },
    { apply: () => step('rollups') },
  );
  await failPoint.beforeOffsets(
    transactions.run(async (sql) => {
      await sql.query('usage name');
      await sql.query('store');
      for (const follower of followers) await follower.apply(sql, { added: [], removed: [] });
    }),
  );
  return died;
}

const DIES: Readonly<Record<FailPointName, string>> = {
  after_names: 'usage name',
  after_store: 'usage name store',
  after_volume: 'usage name store volume',
  after_rollups: 'usage name store volume rollups',
  before_commit: 'usage name store volume rollups',
  after_commit: 'usage name store volume rollups commit',
  before_offsets: 'usage name store volume rollups commit',
};

test.each(FAIL_POINTS)('the process dies at %s, the first time or a later one', async (name) => {
  expect(await run(name)).toBe(DIES[name]);
  expect(await run(`${name}:2`)).toBeNull();
});

test('fail points are refused in production, and so are unknown ones', () => {
  const configured = (ORBIT_ENV: string, ORBIT_FAIL_POINT: string) =>
    readConfig(UsageMeteringConfig, {
      ...{ DATABASE_URL: 'postgresql://a:b@127.0.0.1:5432/c', KAFKA_BROKERS: '127.0.0.1:9092' },
      ...{ USAGE_METERING_RPC: '127.0.0.1:1', INVOICING_RPC: '127.0.0.1:2', HEALTH_PORT: '3' },
      ...{ ORBIT_ENV, ORBIT_FAIL_POINT },
    }).ORBIT_FAIL_POINT;
  expect(configured('test', 'after_store:3')).toBe('after_store:3');
  expect(configured('production', '')).toBeUndefined();
  expect(() => configured('production', 'after_store')).toThrow('ORBIT_FAIL_POINT');
  expect(() => configured('test', 'sometimes')).toThrow('ORBIT_FAIL_POINT');
});
