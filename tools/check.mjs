/**
 * `npm run check`: format, lint, types, repository rules, generated documents, pure tests,
 * the client packages. No servers.
 * Every step runs, two at a time; what failed prints its output at the end.
 *
 *   npm run check                              every step
 *   npm run check -- --only lint format        these alone
 *   npm run check -- --without 'pure tests'    all others
 */
import { setUp } from './setup/set-up.mjs';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { generatePrismaClient } from './prisma-client.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const node = (script, ...args) => [process.execPath, [path.join(ROOT, script), ...args]];

// Random tests draw the same here and in `npm test`, so that a commit passes twice or fails twice.
process.env.ORBIT_SEED ??= '2026';

const STEPS = [
  [
    'lint',
    ...node(
      'node_modules/eslint/bin/eslint.js',
      '.',
      '--max-warnings=0',
      '--cache',
      '--cache-location',
      '.nx/eslint/',
    ),
  ],
  ['types', ...node('node_modules/typescript/bin/tsc', '-p', '.')],
  [
    'types of the tools and their tests',
    ...node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.tools.json'),
  ],
  [
    'pure tests',
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      path.join(ROOT, 'node_modules/jest/bin/jest.js'),
      '--selectProjects',
      'spec',
      '--maxWorkers=1',
    ],
  ],
  [
    'format',
    ...node('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  ],
  ['repository rules', ...node('tools/tidy/tidy.mjs')],
  ['generated documents', ...node('tools/generate.mjs', '--check')],
  ['client packages', ...node('tools/packages.mjs')],
];
/** The steps that were asked for; what is asked wrongly ends with 2 and says what there is. */
function stepsAsked([flag, ...names]) {
  const known = STEPS.map(([name]) => name);
  const isKnown = names.length > 0 && names.every((name) => known.includes(name));
  if (flag === undefined) return STEPS;
  if (flag === '--only' && isKnown) return STEPS.filter(([name]) => names.includes(name));
  if (flag === '--without' && isKnown) return STEPS.filter(([name]) => !names.includes(name));
  console.log(`npm run check [-- --only|--without STEP …]\nSteps: ${known.join(', ')}`);
  process.exit(flag === '--help' ? 0 : 2);
}

/** A check that a step could not make on this machine is printed, also when nothing failed. */
const NOT_CHECKED = /^.*NOT CHECKED.*$/gm;

function run([name, command, args]) {
  const startedMs = Date.now();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('exit', (code) => {
      const seconds = ((Date.now() - startedMs) / 1_000).toFixed(1);
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
      for (const [note] of output.matchAll(NOT_CHECKED)) console.log(`  … ${note}`);
      resolve({ name, isOk: code === 0, output });
    });
  });
}

const steps = stepsAsked(process.argv.slice(2));
await setUp();
await generatePrismaClient();
const queue = [...steps];
const results = [];
async function worker() {
  for (let step = queue.shift(); step; step = queue.shift()) results.push(await run(step));
}
await Promise.all([worker(), worker()]);
const failures = results.filter(({ isOk }) => !isOk);
for (const { name, output } of failures) console.log(`\n== ${name}\n${output.trim()}`);
console.log(
  failures.length === 0
    ? 'check: all is well'
    : `check: ${failures.length} of ${steps.length} steps failed`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
