// Writes the documents that are made from code; with `--check` it only compares and fails on drift.
//
//   node tools/generate.mjs            writes docs/reference/* and deploy/generated/*
//   node tools/generate.mjs --check    exits 1 and names every document that differs
//   … --into FOLDER                    another folder than the repository, for tests
//
// A generator is a function from the loaded libraries to [{path, text}]. It must be deterministic.
import { setUpAndBuild } from './setup/set-up-and-build.mjs';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// The command line prints its own help, and the API's reference is made by a test, which loads the services.
await setUpAndBuild();
// These import packages.
const { generateAsyncApi } = await import('./generate/asyncapi.mjs');
const { generateCases } = await import('./generate/cases.mjs');
const { generateCli } = await import('./generate/cli.mjs');
const { generateErrors } = await import('./generate/errors.mjs');
const { generateEvents } = await import('./generate/events.mjs');
const { generateEnvironment, generateLimits } = await import('./generate/limits.mjs');
const { generateMetrics } = await import('./generate/metrics.mjs');
const { generateTopics } = await import('./generate/topics.mjs');
const { generateSettings } = await import('./generate/settings.mjs');
const { loadLibraries, root } = await import('./generate/load-libraries.mjs');

const isCheck = process.argv.includes('--check');
const intoAt = process.argv.indexOf('--into');
const target = intoAt === -1 ? root : process.argv[intoAt + 1];
const libraries = await loadLibraries();
const documents = [
  ...generateErrors(libraries),
  ...generateEvents(libraries),
  ...generateTopics(libraries),
  ...generateAsyncApi(libraries),
  ...generateLimits(),
  ...generateEnvironment(),
  ...generateMetrics(libraries),
  ...generateSettings(),
  ...generateCases(),
  ...generateCli(),
];

const drifted = documents.filter(({ path, text }) => {
  const full = join(target, path);
  return !existsSync(full) || readFileSync(full, 'utf8') !== text;
});

if (isCheck) {
  for (const { path } of drifted) console.error(`${path} differs from the code: npm run generate`);
  process.exitCode = drifted.length === 0 ? 0 : 1;
} else {
  for (const { path, text } of drifted) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), text);
    console.log(`wrote ${path}`);
  }
}
if (drifted.length === 0)
  console.log(`generate: ${documents.length} documents agree with the code`);
