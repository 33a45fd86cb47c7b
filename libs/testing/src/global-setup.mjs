/**
 * Jest global setup of the integration tests: real servers, or the ones that ORBIT_TEST_INFRA names, and one
 * migrated template database that every test file clones. Missing servers fail the run; nothing is skipped.
 */
import {
  makeThrowAwayHome,
  removeThrowAway,
  startThrowAway,
  sweepThrowAway,
} from '../../../tools/infra/throw-away.mjs';
import { migrate, migrationsHash, SERVICES } from '../../../tools/migrate.mjs';

/** Known to nobody but throw-away servers on the loopback interface. */
const PASSWORD = 'throw-away';

export default async function setup() {
  let home = null;
  if (!process.env.ORBIT_TEST_INFRA) {
    // A run that was killed left its servers behind; they would slow this one down.
    await sweepThrowAway();
    home = makeThrowAwayHome();
    process.env.ORBIT_TEST_INFRA = await startThrowAway(home);
  }
  const { databaseAdminUrl } = JSON.parse(process.env.ORBIT_TEST_INFRA);
  const template = `orbit_template_${migrationsHash()}`;
  const passwords = Object.fromEntries(SERVICES.map((service) => [service, PASSWORD]));
  await migrate({ adminUrl: databaseAdminUrl, database: template, passwords });
  process.env.ORBIT_TEST_TEMPLATE = template;
  process.env.ORBIT_TEST_PASSWORD = PASSWORD;
  return async () => {
    if (home === null) return;
    await removeThrowAway(home);
  };
}
