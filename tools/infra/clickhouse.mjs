/**
 * ClickHouse without a server: its engine as npm packs it (`chdb`), in the per-user cache. Half a gigabyte that only
 * the tests of `USAGE_STORE=clickhouse` need, and none for some platforms: so it is no dependency of this repository.
 */
import fs from 'node:fs';
import path from 'node:path';
import { runNpm } from '../setup/npm.mjs';
import { cacheFolder, fillOnce } from './artefacts.mjs';
import { SetupError } from './setup-error.mjs';

const PACKAGE = 'chdb';
const VERSION = '3.4.0';

async function fetchInto(folder) {
  process.stderr.write(
    `  … fetching ClickHouse's engine (${PACKAGE} ${VERSION}), once for this account\n`,
  );
  fs.writeFileSync(path.join(folder, 'package.json'), '{"private": true}\n');
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const code = await runNpm(['install', ...flags, `${PACKAGE}@${VERSION}`], folder);
  const engines = path.join(folder, 'node_modules', '@chdb');
  if (code !== 0 || !fs.existsSync(engines)) {
    throw new SetupError(`npm has no engine of ClickHouse (${PACKAGE}) for this machine.`);
  }
}

/** The folder in which `chdb` can be required. Errors: SetupError where there is none for this machine. */
export const clickHouseEngine = () =>
  fillOnce(path.join(cacheFolder(), `${PACKAGE}-${VERSION}`), fetchInto);
