/**
 * Compiles every library and app from src/ to dist/ with swc, only what changed since the last build,
 * and copies what is not TypeScript (Lua, HTML, fonts). Types are checked by `npm run check`, not here.
 *
 *   node tools/build.mjs            prints how much was compiled
 */
import { transform } from '@swc/core';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = path.join(import.meta.dirname, '..');
const TEST_FILE = /\.(spec|itest|sim|e2e|fake)\.ts$/;

const OPTIONS = {
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    target: 'es2023',
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: true,
};

function* filesBelow(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(full);
    else yield full;
  }
}

/** Folders with a src/ below apps/ and libs/. */
function projects() {
  return ['libs', 'apps'].flatMap((group) =>
    fs
      .readdirSync(path.join(ROOT, group))
      .map((name) => path.join(ROOT, group, name))
      .filter((folder) => fs.existsSync(path.join(folder, 'src'))),
  );
}

const isNewer = (source, target) =>
  !fs.existsSync(target) || fs.statSync(source).mtimeMs > fs.statSync(target).mtimeMs;

async function compile(source, target) {
  const { code, map } = await transform(fs.readFileSync(source, 'utf8'), {
    ...OPTIONS,
    filename: source,
    sourceFileName: path.relative(path.dirname(target), source),
  });
  const mapName = `${path.basename(target)}.map`;
  fs.writeFileSync(`${target}.map`, map ?? '');
  // The code last: a build that dies half-way leaves no file that looks finished.
  fs.writeFileSync(target, `${code}\n//# sourceMappingURL=${mapName}\n`);
}

/** Builds everything; answers how many files were written. A file whose source is gone is removed. */
export async function build() {
  let written = 0;
  for (const project of projects()) {
    const src = path.join(project, 'src');
    const dist = path.join(project, 'dist');
    const kept = new Set();
    const jobs = [];
    for (const source of filesBelow(src)) {
      if (TEST_FILE.test(source) || source.endsWith('.d.ts')) continue;
      const isCode = source.endsWith('.ts');
      const relative = path.relative(src, source);
      const target = path.join(dist, isCode ? relative.replace(/\.ts$/, '.js') : relative);
      kept.add(target);
      if (isCode) kept.add(`${target}.map`);
      if (!isNewer(source, target)) continue;
      fs.mkdirSync(path.dirname(target), { recursive: true });
      written += 1;
      if (isCode) jobs.push(compile(source, target));
      else fs.copyFileSync(source, target);
    }
    await Promise.all(jobs);
    if (!fs.existsSync(dist)) continue;
    for (const target of filesBelow(dist)) if (!kept.has(target)) fs.rmSync(target);
  }
  return written;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const startedMs = Date.now();
  const written = await build();
  console.log(
    `build: ${written} files written in ${((Date.now() - startedMs) / 1_000).toFixed(1)} s`,
  );
}
