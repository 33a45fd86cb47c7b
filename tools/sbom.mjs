/**
 * `npm run sbom`: what the product runs with, as CycloneDX on stdout. npm makes it from the installed packages.
 *
 *   npm run --silent sbom > sbom.json
 */
import { setUp } from './setup/set-up.mjs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');

await setUp();
const { status } = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
