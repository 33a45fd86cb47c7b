// Checks the repository's own rules (rules.mjs) over every file that git knows or would add.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultsOf } from './rules.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BINARY = /\.(png|jpe?g|gif|ico|pdf|woff2?|ttf|otf|jar|gz|wasm)$/;
const SKIPPED = new Set(['node_modules', 'dist', '.git', '.orbit', '.nx', 'coverage']);

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : walk(path);
    return entry.isFile() ? [relative(root, path).split(sep).join('/')] : [];
  });
}

/** Git's list where there is git; a copy without it (an archive, an image) is walked. */
function listFiles() {
  try {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const out = execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return out.split('\0').filter((path) => path !== '');
  } catch {
    return walk(root);
  }
}

const files = [...new Set(listFiles())]
  .filter((path) => !BINARY.test(path) && existsSync(join(root, path)))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

const faults = faultsOf(files);
for (const fault of faults) console.error(fault);
console.log(
  faults.length === 0 ? `tidy: ${files.length} files, no faults` : `tidy: ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
