import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const TEST = /\.(itest|e2e)\.ts$/;
const HELPER = /from '(\.[^']*(?:fixture|under-test|contract-\w+)\.js)'/g;
const CHECK = 'responseFaults';

/**
 * Which test holds the answers of which operation against the contract: it names the operation to a function, and it,
 * or a helper that it imports, checks answers by `responseFaults`. By operation id, in order of path.
 */
export function testsOfOperations(root, operationIds) {
  const known = new Set(operationIds);
  const tests = {};
  for (const path of ['apps', 'e2e'].flatMap((folder) => filesIn(join(root, folder)))) {
    const text = readFileSync(path, 'utf8');
    if (!checksAnswers(path, text)) continue;
    const named = [...text.matchAll(/\b(\w+)\(\s*'([a-z-]+)'/g)]
      .filter(([, fn, id]) => known.has(id) && fn !== 'orbPattern' && fn !== 'bodyFaults')
      .map(([, , id]) => id);
    for (const id of new Set(named)) (tests[id] ??= []).push(relative(root, path));
  }
  return tests;
}

/** Tests with a case for each entry of a list of the contract, by the name of the list; the same way of knowing. */
export const testsOfEach = (root, list) =>
  ['apps', 'e2e']
    .flatMap((folder) => filesIn(join(root, folder)))
    .filter((path) => {
      const text = readFileSync(path, 'utf8');
      return text.includes(`test.each(${list})`) && checksAnswers(path, text);
    })
    .map((path) => relative(root, path));

/** By itself, or by a helper of its own; helpers may have helpers. */
function checksAnswers(path, text) {
  if (text.includes(CHECK)) return true;
  return [...text.matchAll(HELPER)].some(([, name]) => {
    const helper = join(dirname(path), name.replace(/\.js$/, '.ts'));
    return existsSync(helper) && checksAnswers(helper, readFileSync(helper, 'utf8'));
  });
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path);
      return TEST.test(entry.name) ? [path] : [];
    });
}
