/**
 * Jest global setup of the integration tests: real servers, or the ones that ORBIT_TEST_INFRA names, and one
 * migrated template database that every test file clones. Missing servers fail the run; nothing is skipped.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startInfra, stopInfra } from '../../../tools/infra/infra.mjs';
import { migrate, migrationsHash, SERVICES } from '../../../tools/migrate.mjs';

/** Known to nobody but throw-away servers on the loopback interface. */
const PASSWORD = 'throw-away';

export default async function setup() {
  let home = null;
  if (!process.env.ORBIT_TEST_INFRA) {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'orbit-itest-'));
    fs.chmodSync(home, 0o755);
    const { kafkaBrokers, redisUrl, databaseAdminUrl } = await startInfra({
      home,
      isThrowAway: true,
    });
    process.env.ORBIT_TEST_INFRA = JSON.stringify({ kafkaBrokers, redisUrl, databaseAdminUrl });
  }
  const { databaseAdminUrl } = JSON.parse(process.env.ORBIT_TEST_INFRA);
  const template = `orbit_template_${migrationsHash()}`;
  const passwords = Object.fromEntries(SERVICES.map((service) => [service, PASSWORD]));
  await migrate({ adminUrl: databaseAdminUrl, database: template, passwords });
  process.env.ORBIT_TEST_TEMPLATE = template;
  process.env.ORBIT_TEST_PASSWORD = PASSWORD;
  return async () => {
    if (home === null) return;
    await stopInfra(home);
    fs.rmSync(home, { recursive: true, force: true });
  };
}
