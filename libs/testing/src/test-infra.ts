/** Real servers that the integration tests share. */
export interface TestInfra {
  readonly kafkaBrokers: readonly string[];
  readonly redisUrl: string;
  readonly databaseAdminUrl: string;
}

/** Fails when there are none: a test without its servers proves nothing. */
export function testInfra(): TestInfra {
  const text = process.env['ORBIT_TEST_INFRA'];
  if (text === undefined) throw new Error('No test servers: run the tests through npm test.');
  return JSON.parse(text) as TestInfra;
}

/** How long a test waits for a server's answer: one that stands still for a second on a busy machine is not away. */
export const SLOW_ANSWER_MS = 20_000;
