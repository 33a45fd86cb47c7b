/**
 * Compiles every library and app from src/ to dist/ with swc, only what changed since the last build,
 * and copies what is not TypeScript (Lua, HTML, fonts). Types are checked by `npm run check`, not here.
 *
 *   node tools/build.mjs            prints how much was compiled
 */
import './setup/node-version.mjs';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { withLock } from './setup/lock.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const LOCK = path.join(ROOT, '.nx', 'build.lock');
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

/** Folders with a src/ below apps/, libs/ and sandboxes/. */
function projects() {
  return ['libs', 'apps', 'sandboxes'].flatMap((group) =>
    fs
      .readdirSync(path.join(ROOT, group))
      .map((name) => path.join(ROOT, group, name))
      .filter((folder) => fs.existsSync(path.join(folder, 'src'))),
  );
}

const isNewer = (source, target) =>
  !fs.existsSync(target) || fs.statSync(source).mtimeMs > fs.statSync(target).mtimeMs;

/** In one step: a service that starts meanwhile reads the file before or after, never half of it. */
function write(target, text) {
  fs.writeFileSync(`${target}.tmp`, text);
  fs.renameSync(`${target}.tmp`, target);
}

async function compile(transform, { source, target }) {
  const { code, map } = await transform(fs.readFileSync(source, 'utf8'), {
    ...OPTIONS,
    filename: source,
    sourceFileName: path.relative(path.dirname(target), source),
  });
  const mapName = `${path.basename(target)}.map`;
  write(`${target}.map`, map ?? '');
  // The code last: a build that dies half-way leaves no file that looks finished.
  write(target, `${code}\n//# sourceMappingURL=${mapName}\n`);
}

/** Lists outputs that are older than their source, and those that have none any more. */
function plan() {
  const jobs = [];
  const orphans = [];
  for (const project of projects()) {
    const src = path.join(project, 'src');
    const dist = path.join(project, 'dist');
    const kept = new Set();
    for (const source of filesBelow(src)) {
      if (TEST_FILE.test(source) || source.endsWith('.d.ts')) continue;
      const isCode = source.endsWith('.ts');
      const relative = path.relative(src, source);
      const target = path.join(dist, isCode ? relative.replace(/\.ts$/, '.js') : relative);
      kept.add(target);
      if (isCode) kept.add(`${target}.map`).add(target.replace(/\.js$/, '.d.ts'));
      if (isNewer(source, target)) jobs.push({ source, target, isCode });
    }
    if (!fs.existsSync(dist)) continue;
    orphans.push(...[...filesBelow(dist)].filter((file) => !kept.has(file)));
  }
  return { jobs, orphans };
}

const isDone = ({ jobs, orphans }) => jobs.length + orphans.length === 0;

/**
 * Builds everything; answers how many files were written. A file whose source is gone is removed. Nothing
 * is written, and no package is needed, when nothing has changed. Two builds at once build once.
 */
export async function build(say = (text) => process.stderr.write(`${text}\n`)) {
  if (isDone(plan())) return 0;
  const onWait = (pid) => say(`  … waiting for process ${pid}, which compiles`);
  return withLock(LOCK, onWait, async () => {
    const { jobs, orphans } = plan();
    const { transform } = await import('@swc/core');
    for (const { target } of jobs) fs.mkdirSync(path.dirname(target), { recursive: true });
    await Promise.all(
      jobs.map((job) =>
        job.isCode ? compile(transform, job) : write(job.target, fs.readFileSync(job.source)),
      ),
    );
    for (const file of orphans) fs.rmSync(file, { force: true });
    return jobs.length;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { setUp } = await import('./setup/set-up.mjs');
  const { generatePrismaClient } = await import('./prisma-client.mjs');
  await setUp();
  await generatePrismaClient();
  const startedMs = Date.now();
  const written = await build();
  console.log(
    `build: ${written} files written in ${((Date.now() - startedMs) / 1_000).toFixed(1)} s`,
  );
}
