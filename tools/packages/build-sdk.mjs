/**
 * Compiles libs/sdk for npm: JavaScript and its declarations. Runs by itself before `npm pack` (`prepack`);
 * `npm run build`, which the services need, makes no declarations.
 */
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, run } from './run.mjs';

const SDK = path.join(ROOT, 'libs', 'sdk');
const DIST = path.join(SDK, 'dist');

const compiler = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
await run(process.execPath, [compiler, '-p', path.join(SDK, 'tsconfig.package.json')]);

// What an earlier build left of a source that is gone does not travel along.
const sources = fs.readdirSync(path.join(SDK, 'src')).map((name) => path.parse(name).name);
for (const name of fs.readdirSync(DIST)) {
  if (!sources.includes(name.replace(/(\.d\.ts|\.js|\.js\.map)$/, '')))
    fs.rmSync(path.join(DIST, name));
}
