// Goal: a fresh clone needs no step of its own before any command. What a command imports before its set-up
// is Node's own; what is missing or stale is named; two commands at once install once.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fits, linkWorkspaces, whatIsMissing } from './dependencies.mjs';

const run = promisify(execFile);
const ROOT = path.join(import.meta.dirname, '..', '..');

/** Every file that is loaded before the first line of `entry` runs, and the packages that they name. */
function loadedBefore(entry: string): { files: string[]; packages: string[] } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const source = fs.readFileSync(file, 'utf8');
    for (const [, from] of source.matchAll(/^(?:import|export)\s(?:[^;]*?\sfrom\s)?'([^']+)';/gm)) {
      if (from === undefined) continue;
      if (from.startsWith('.')) visit(path.resolve(path.dirname(file), from));
      else if (!builtinModules.includes(from.replace(/^node:/, ''))) packages.add(from);
    }
  };
  visit(path.join(ROOT, entry));
  return { files: [...files], packages: [...packages] };
}

const scripts = (
  JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  }
).scripts;
const entries = Object.entries(scripts).map(([name, line]) => {
  const [, entry] = /^node (?:--\S+ )*(\S+\.mjs)/.exec(line) ?? [];
  return { name, entry: entry ?? '' };
});

test.each(entries)('npm run $name loads no package before its set-up', ({ name, entry }) => {
  const { files, packages } = loadedBefore(entry);
  expect(packages).toEqual([]);
  const source = fs.readFileSync(path.join(ROOT, entry), 'utf8');
  // Stopping needs no package, also when node_modules is gone.
  const wanted = name === 'stop' ? /node-version/ : /setUp\(|setUpAndBuild\(|installDependencies\(/;
  expect(source).toMatch(wanted);
  expect(files.some((file) => file.endsWith('setup/node-version.mjs'))).toBe(true);
});

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'orbit-set-up-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

type Packages = Record<string, Record<string, unknown>>;
const here = { os: [process.platform], cpu: [process.arch] };
const LOCKED: Packages = {
  '': { name: 'clone' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/a/node_modules/b': { version: '2.0.0' },
  'node_modules/native': { version: '1.0.0', optional: true, ...here },
  'node_modules/other': { version: '1.0.0', optional: true, os: ['plan9'] },
  'node_modules/ours': { resolved: 'libs/ours', link: true },
  'apps/x/node_modules/c': { version: '3.0.0' },
};

function clone(installed: Packages): void {
  const lockfile = (packages: Packages): string => JSON.stringify({ packages });
  fs.writeFileSync(path.join(folder, 'package-lock.json'), lockfile(LOCKED));
  for (const place of Object.keys(installed).filter((name) => name !== '')) {
    fs.mkdirSync(path.join(folder, place), { recursive: true });
    fs.writeFileSync(path.join(folder, place, 'package.json'), '{}');
  }
  fs.mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'node_modules/.package-lock.json'), lockfile(installed));
}
const without = (...names: string[]): Packages =>
  Object.fromEntries(Object.entries(LOCKED).filter(([name]) => !['', ...names].includes(name)));

test('node_modules that hold what the lockfile names are left alone', () => {
  clone(without('node_modules/other'));
  expect(whatIsMissing(folder)).toBeNull();
});

test('what is missing, broken off, older, moved or for another machine is named', () => {
  fs.writeFileSync(path.join(folder, 'package-lock.json'), '{"packages": {}}');
  expect(whatIsMissing(folder)).toBe('node_modules is missing');
  fs.mkdirSync(path.join(folder, 'node_modules'));
  expect(whatIsMissing(folder)).toBe('node_modules is not complete');
  const cases: [Packages, string][] = [
    [without('node_modules/a'), 'a is missing'],
    [without('apps/x/node_modules/c'), 'c is missing'],
    [without('node_modules/native'), 'native is missing'],
    [
      { ...without(), 'node_modules/a/node_modules/b': { version: '1.9.9' } },
      'b is not the one of package-lock.json',
    ],
    [
      { ...without(), 'node_modules/a': { version: '1.0.0', integrity: 'sha512-other' } },
      'a is not the one of package-lock.json',
    ],
    [
      { ...without(), 'node_modules/ours': { resolved: 'packages/ours', link: true } },
      'ours is not the one of package-lock.json',
    ],
  ];
  for (const [installed, reason] of cases) {
    clone(installed);
    expect(whatIsMissing(folder)).toBe(reason);
  }
  clone(without());
  fs.rmSync(path.join(folder, 'node_modules/a'), { recursive: true });
  expect(whatIsMissing(folder)).toBe('a is missing');
});

test('a library that came with the last pull is linked, without an installation', () => {
  clone(without('node_modules/ours'));
  fs.mkdirSync(path.join(folder, 'libs/ours'), { recursive: true });
  expect(whatIsMissing(folder)).toBe('ours is missing');
  linkWorkspaces(folder);
  linkWorkspaces(folder);
  expect(fs.readlinkSync(path.join(folder, 'node_modules/ours'))).toBe('../libs/ours');
  expect(whatIsMissing(folder)).toBeNull();
});

test('an optional package that npm could not build does not make every command install again', () => {
  clone(without('node_modules/native'));
  const lockfile = fs.readFileSync(path.join(folder, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lockfile).digest('hex');
  const stamp = path.join(folder, 'node_modules/.orbit-installed');
  fs.writeFileSync(stamp, `${hash} ${process.platform} ${process.arch}\n`);
  expect(whatIsMissing(folder)).toBeNull();
  fs.writeFileSync(stamp, `${hash} ${process.platform} s390x\n`);
  expect(whatIsMissing(folder)).toBe('native is missing');
});

test('os and cpu are read as npm reads them', () => {
  expect(fits(undefined, 'linux')).toBe(true);
  expect(fits(['linux', 'darwin'], 'linux')).toBe(true);
  expect(fits(['darwin'], 'linux')).toBe(false);
  expect(fits(['!win32'], 'linux')).toBe(true);
  expect(fits(['!linux'], 'linux')).toBe(false);
});

/** Adds a line before and after half a second, while it holds the lock. */
const WORKER = `
import fs from 'node:fs';
const { withLock } = await import(process.argv[2]);
const [lock, log] = process.argv.slice(3);
await withLock(lock, () => undefined, async () => {
  fs.appendFileSync(log, 'in ');
  if (process.env.DIES) process.kill(process.pid, 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 100));
  fs.appendFileSync(log, 'out ');
});
`;

test('a lock lets one process in at a time, and the one of a killed process does not stay', async () => {
  const worker = path.join(folder, 'worker.mjs');
  fs.writeFileSync(worker, WORKER);
  const log = path.join(folder, 'log');
  const lock = path.join(folder, 'install.lock');
  const args = [worker, path.join(import.meta.dirname, 'lock.mjs'), lock, log];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const start = (more = {}): Promise<unknown> =>
    run(process.execPath, args, { env: { ...env, ...more } });
  await expect(start({ DIES: '1' })).rejects.toMatchObject({ signal: 'SIGKILL' });
  await Promise.all([start(), start(), start(), start()]);
  expect(fs.readFileSync(log, 'utf8')).toBe(`in ${'in out '.repeat(4)}`);
  expect(fs.readdirSync(folder).sort()).toEqual(['log', 'worker.mjs']);
}, 60_000);
