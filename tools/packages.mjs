/**
 * Builds, packs, installs and type-checks both client packages as a stranger would, in folders of their own.
 * Without Python, or without a registry for its tools, that half says so and does not fail.
 *
 *   node tools/packages.mjs [typescript] [python]
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkPython } from './packages/python.mjs';
import { checkTypeScript } from './packages/typescript.mjs';

const HALVES = { typescript: checkTypeScript, python: checkPython };
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(HALVES);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'orbit-packages-'));
try {
  for (const name of names) {
    const own = path.join(folder, name);
    fs.mkdirSync(own);
    console.log(`${name}: ${await HALVES[name](own)}`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
