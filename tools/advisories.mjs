/**
 * Asks the registry for known advisories of what the product runs with (`npm audit`, production alone). Ends with 1 where
 * there is one. A registry that answers no such question, as a mirror may, is said and is no fault.
 *
 *   node tools/advisories.mjs
 */
import { execFile } from 'node:child_process';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const ANSWER_MS_MAX = 60_000;

/** `npm audit` ends with 1 both for advisories and for its own failure; its JSON separates them. */
const answer = await new Promise((resolve) => {
  execFile(
    'npm',
    ['audit', '--omit=dev', '--json'],
    { cwd: ROOT, timeout: ANSWER_MS_MAX, maxBuffer: 64 * 1024 * 1024 },
    (_error, stdout) => resolve(stdout),
  );
});

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const report = read(answer);
if (report.vulnerabilities === undefined) {
  const reason = report.message ?? 'no answer';
  console.log(`advisories: NOT CHECKED, the registry answers none (${reason.split(' - ')[0]})`);
} else {
  const found = Object.values(report.vulnerabilities);
  for (const { name, severity, range } of found)
    console.log(`advisories: ${name} ${range}: ${severity}`);
  console.log(`advisories: ${found.length} in what runs in production`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
