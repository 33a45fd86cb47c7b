import { cell, heading, table } from './markdown.mjs';
import { readEnvironment, readLimits } from './read-source.mjs';

const byKey = (items, key) => Map.groupBy?.(items, key) ?? groupBy(items, key);
function groupBy(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

/** docs/reference/limits.md: every exported constant that is a limit, with the reason its docstring gives. */
export function generateLimits() {
  const sections = [...byKey(readLimits(), ({ project }) => project)].map(
    ([project, limits]) => `## ${project}

${table(
  ['limit', 'value', 'why', 'declared in'],
  limits.map(({ name, value, doc, path }) => [
    `\`${name}\``,
    `\`${cell(value)}\``,
    cell(doc),
    `[${path.split('/').at(-1)}](../../${path})`,
  ]),
)}
`,
  );
  const text = `${heading('Limits', 'exported constants of libs/ and apps/')}
The last word of a name is its unit or its bound. A limit without an entry here is not a promise.

${sections.join('\n')}`;
  return [{ path: 'docs/reference/limits.md', text }];
}

/** docs/reference/environment.md from the configuration class of each service. */
export function generateEnvironment() {
  const sections = readEnvironment().map(
    ({ service, path, variables }) => `## ${service}

From [${path.split('/').at(-1)}](../../${path}).

${table(
  ['variable', 'default', 'meaning'],
  variables.map(({ name, isOptional, initial, doc }) => [
    `\`${name}\``,
    isOptional ? (initial ? `\`${cell(initial)}\`` : 'none') : 'required',
    cell(doc),
  ]),
)}
`,
  );
  const text = `${heading('Environment', 'apps/<service>/src/<service>.config.ts')}
A service checks all of its variables at start, names every fault, and exits with status 78 when there is one. White space at the ends of a value is cut;
a value of nothing else counts as not set. \`npm start\` hands each service its own variables, except addresses, databases, ORBIT_ENV and what belongs to the sandbox
it starts; Compose takes them from \`.env\`, the manifests from \`kustomization.yaml\`.

${sections.join('\n')}`;
  return [{ path: 'docs/reference/environment.md', text }];
}
