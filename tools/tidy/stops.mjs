// The path tables of docs/architecture.md: each stop is named by its files, and the last cell says how the next stop is
// reached. What the sources can show is held against them, so that the page cannot describe a walk that nobody takes.
import { posix } from 'node:path';

const PAGE = 'docs/architecture.md';
const HEAD = /^\| stop \| open \| decides \| hands over by \|$/;
const IMPORT = /\bfrom\s+'([^']+)'/g;

const cellsOf = (line) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const filesOf = (cell) =>
  [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, name, target]) => ({
    name,
    path: posix.join('docs', target),
  }));

/** Tables of stops: [{line, open: [{name, path}], hands: text}]. */
export function pathTables(text) {
  const tables = [];
  let current = null;
  text.split('\n').forEach((line, index) => {
    if (HEAD.test(line)) tables.push((current = []));
    else if (!line.startsWith('|')) current = null;
    else if (current && !/^\|[ |-]+$/.test(line)) {
      const [stop, open = '', , hands = ''] = cellsOf(line);
      current.push({ number: index + 1, stop, open: filesOf(open), hands });
    }
  });
  return tables;
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const names = (text, token) => new RegExp(`(?<![\\w.-])${escaped(token)}(?![\\w-])`).test(text);

function imports(from, to, textOf) {
  return [...textOf(from).matchAll(IMPORT)].some(([, target]) => {
    const library = /^@orbit\/([\w-]+)$/.exec(target)?.[1];
    if (library === undefined)
      return posix.join(posix.dirname(from), target).replace(/\.js$/, '.ts') === to;
    if (!to.startsWith(`libs/${library}/`)) return false;
    const exported = [...textOf(to).matchAll(/^export (?:class|function|const) (\w+)/gm)];
    return exported.some(([, name]) => names(textOf(from), name));
  });
}

/** How a stop may reach the next one, and what shows it. */
function isReached(hands, from, to, textOf) {
  const here = from.map(textOf).join('\n');
  const there = to.map(textOf).join('\n');
  const [, way, token] =
    /^(call|port|topic|RPC|script|route|outside)\b[^`]*(?:`([^`]+)`)?/.exec(hands) ?? [];
  switch (way) {
    case 'call':
      return from.some((one) => to.some((other) => imports(one, other, textOf)));
    case 'port':
      return names(here, token) && new RegExp(`implements [^{]*\\b${token}\\b`).test(there);
    case 'topic':
      return here.includes(`'${token}'`) && there.includes(`@BatchHandler('${token}')`);
    case 'RPC':
      // A client of a whole table of operations is made with `rpcClient(TABLE, …)`.
      return (
        (names(here, token) || here.includes(`rpcClient(${token.split('.')[0]},`)) &&
        new RegExp('@(MessagePattern|Handles)\\(\\s*' + escaped(token) + '\\b').test(there)
      );
    case 'script':
      return (
        to.some((path) => path.endsWith(`/${token}`)) && here.includes(token.replace('.lua', ''))
      );
    case 'route':
      return new RegExp(`@(Controller|Get|Post|Put|Delete|Patch)\\([^)]*${token}`).test(there);
    // A person, Stripe, a timer: nothing in the sources shows it.
    case 'outside':
      return true;
    default:
      return false;
  }
}

/** Every stop has files, a file is named as it is, and the next stop is reached as the page says. */
export function pathStops(files) {
  const page = files.find(({ path }) => path === PAGE)?.text;
  if (page === undefined) return [];
  const byPath = new Map(files.map(({ path, text }) => [path, text]));
  const textOf = (path) => byPath.get(path) ?? '';
  return pathTables(page).flatMap((stops) =>
    stops.flatMap(({ number, stop, open, hands }, index) => {
      const at = `${PAGE}:${number}: the stop "${stop}"`;
      if (open.length === 0) return [`${at} names no file.`];
      const wrong = open.filter(
        ({ name, path }) => !path.endsWith(`/${name}`) || !byPath.has(path),
      );
      if (wrong.length > 0)
        return wrong.map(({ name }) => `${at}: there is no ${name} where it leads.`);
      const next = stops[index + 1];
      if (next === undefined) return [];
      const [from, to] = [open, next.open].map((list) => list.map(({ path }) => path));
      return isReached(hands, from, to, textOf)
        ? []
        : [`${at}: "${hands}" does not lead to "${next.stop}" (${to.join(', ')}).`];
    }),
  );
}

const PLACES = 'docs/where-things-are.md';

/** Each row of the page names one folder, which exists and has the files that carry the name. */
export function places(files) {
  const page = files.find(({ path }) => path === PLACES)?.text;
  if (page === undefined) return [];
  const paths = files.map(({ path }) => path);
  return page.split('\n').flatMap((line, index) => {
    const [looksFor, folder, carriers] = line.startsWith('|') ? cellsOf(line) : [];
    const found = folder ? filesOf(folder) : [];
    if (found.length === 0) return [];
    const at = `${PLACES}:${index + 1}: "${looksFor}"`;
    if (found.length > 1) return [`${at} is in more than one folder.`];
    const below = paths.filter((path) => path.startsWith(`${found[0].path}/`));
    if (below.length === 0) return [`${at}: there is no folder ${found[0].path}.`];
    return [...carriers.matchAll(/`([^`]+)`/g)].flatMap(([, name]) =>
      below.some((path) => path.endsWith(`/${name}`))
        ? []
        : [`${at}: no ${name} in ${found[0].path}.`],
    );
  });
}

const IS_PAGE = /^(?!docs\/(decisions|reference)\/|CHANGELOG).*\.md$/;
const FILE = /`([\w./-]+\.(?:ts|mjs|lua|prisma|sql))`/g;

/** A file that a page names in code exists; a path before it is the end of its real path. */
export function namedFiles(files) {
  const byName = new Map();
  for (const { path } of files) {
    const name = path.split('/').at(-1);
    byName.set(name, [...(byName.get(name) ?? []), path]);
  }
  return files
    .filter(({ path }) => IS_PAGE.test(path))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) =>
        [...line.matchAll(FILE)].flatMap(([, named]) => {
          const found = byName.get(named.split('/').at(-1)) ?? [];
          const isThere = found.some((other) => `/${other}`.endsWith(`/${named}`));
          return isThere ? [] : [`${path}:${index + 1}: there is no ${named}.`];
        }),
      ),
    );
}
