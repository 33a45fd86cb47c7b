// Circles in the import graph: files that can only be read, tested and moved together. Type imports count,
// because a reader follows them all the same.
import { posix } from 'node:path';
import { KNOWN_CIRCLES } from '../boundaries/known.mjs';

const IMPORT = /^(?:import|export)\b[^;]*?\bfrom\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm;
const isCode = (path) => /\.(ts|mjs)$/.test(path) && !/\.(spec|itest|sim|e2e)\.ts$/.test(path);

/** The relative imports of each file: path → paths that exist. */
function importsOf(files) {
  const code = files.filter(({ path }) => isCode(path));
  const paths = new Set(code.map(({ path }) => path));
  return new Map(
    code.map(({ path, text }) => {
      const targets = [...text.matchAll(IMPORT)].map((match) => {
        const target = posix.join(posix.dirname(path), match[1] ?? match[2]);
        return [target, target.replace(/\.js$/, '.ts')].find((candidate) => paths.has(candidate));
      });
      return [path, targets.filter((target) => target !== undefined)];
    }),
  );
}

/** Groups of files that import each other (strongly connected components, Tarjan), in reading order. */
export function importCircles(files) {
  const imports = importsOf(files);
  const seen = new Map();
  const stack = [];
  const circles = [];
  const visit = (path) => {
    const node = { index: seen.size, low: seen.size, isOpen: true };
    seen.set(path, node);
    stack.push(path);
    for (const target of imports.get(path)) {
      const known = seen.get(target);
      if (!known) node.low = Math.min(node.low, visit(target).low);
      else if (known.isOpen) node.low = Math.min(node.low, known.index);
    }
    if (node.low === node.index) {
      const members = stack.splice(stack.indexOf(path));
      for (const member of members) seen.get(member).isOpen = false;
      if (members.length > 1) circles.push(members);
    }
    return node;
  };
  for (const path of imports.keys()) if (!seen.has(path)) visit(path);
  return circles
    .filter(([first]) => !KNOWN_CIRCLES.includes(first))
    .map(
      (members) =>
        `${members[0]}: imports itself over ${members.slice(1).join(', ')}; move what both need into a file of its own.`,
    );
}
