// Rules of the repository that neither the compiler nor ESLint knows. Each is a function from one
// file (or the list of files) to faults; `tidy.spec.ts` shows each of them biting.

import { importCircles } from './circles.mjs';
import { modulesOfFeatures, serviceModules } from './compositions.mjs';
import { declaredImports } from './declared.mjs';
import { namedFiles, pathStops, places } from './stops.mjs';
import { handWrittenTransactions } from './transactions.mjs';
import { wordsNotUsed } from './words.mjs';

const LINES_MAX = 400;
const TEST_LINES_MAX = 500;
const COLUMNS_MAX = 100;
const WIDE_COLUMNS_MAX = 120;
const DECISION_LINES_MAX = 60;
const README_LINES_MAX = 120;
const LAYER_FILES_MAX = 20;

const isTest = (path) => /\.(spec|itest|sim|e2e)\.ts$/.test(path);
const isSource = (path) => /\.(ts|mjs|lua|sql|prisma|sh)$/.test(path) || path.startsWith('.ci/');
const isText = (path) => isSource(path) || /\.(md|json|ya?ml)$/.test(path) || !/\./.test(path);
const isGenerated = (path) =>
  path === 'package-lock.json' ||
  path.startsWith('docs/reference/') ||
  path.startsWith('deploy/generated/') ||
  path === 'libs/sdk/src/schema.ts' ||
  path === 'libs/sdk/src/billing.ts' ||
  /(^|\/)golden\//.test(path);
// The rules name what they refuse, so they cannot be asked about themselves.
const isRuleItself = (path) => path.startsWith('tools/tidy/');

/** Calls `fault` for each line that `test` accepts; lines count from 1. */
const eachLine = (text, test, fault) =>
  text.split('\n').flatMap((line, index) => (test(line) ? [fault(line, index + 1)] : []));

export function fileLength({ path, text }) {
  if (!isSource(path) || isGenerated(path)) return [];
  const count = text.split('\n').length - 1;
  const max = isTest(path) ? TEST_LINES_MAX : LINES_MAX;
  return count > max ? [`${path}: ${count} lines; ${max} are the most. Split it by subject.`] : [];
}

/**
 * 100 columns, as the formatter sets them; 120 for comments and for
 * SQL, Lua and Prisma, which no formatter breaks. A line that cannot be broken passes: a
 * string, a template (SQL lives in them), a regular expression, an address, a table row.
 */
export function lineWidth({ path, text }) {
  if (!isSource(path) || isGenerated(path)) return [];
  const isUnbreakable = (line) =>
    /['"`].{40,}/.test(line) || /https?:\/\//.test(line) || /\/.{60,}\//.test(line);
  const isComment = (line) => /^\s*(\/\/|\*|\/\*|--|#)/.test(line) || /(\/\/|--) /.test(line);
  const isWide = /\.(sql|prisma|lua)$/.test(path);
  let isInTemplate = false;
  return eachLine(
    text,
    (line) => {
      const wasInTemplate = isInTemplate;
      if (line.replace(/\\`/g, '').split('`').length % 2 === 0) isInTemplate = !isInTemplate;
      if (wasInTemplate || isInTemplate || isUnbreakable(line)) return false;
      return [...line].length > (isWide || isComment(line) ? WIDE_COLUMNS_MAX : COLUMNS_MAX);
    },
    (line, number) =>
      `${path}:${number}: ${[...line].length} columns; ${COLUMNS_MAX} are the most.`,
  );
}

export function leftoverMarkers({ path, text }) {
  if (!isText(path) || isGenerated(path) || isRuleItself(path)) return [];
  return eachLine(
    text,
    (line) =>
      /\b(TODO|FIXME)\b|(\/\/|\*|#|--) *(XXX|HACK)\b/.test(line) ||
      /^(<{7}|>{7}|={7})( |$)/.test(line),
    (_, number) => `${path}:${number}: a leftover marker; finish it or write an issue.`,
  );
}

export function fileName({ path }) {
  const name = path.split('/').at(-1).replace(/\..*$/, '');
  const faults = [];
  const banned = path
    .split('/')
    .map((part) => part.replace(/\..*$/, ''))
    .flatMap((part) => part.split(/[-_]/))
    .find((word) => /^(utils?|helpers?|common|managers?|misc)$/i.test(word));
  if (banned) faults.push(`${path}: "${banned}" says nothing; name what it does.`);
  if (/\.ts$/.test(path) && name && !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    faults.push(`${path}: file names are kebab-case.`);
  }
  return faults;
}

/** Paths of somebody's machine and addresses of somebody's registry do not belong to a clone. */
export function machineTraces({ path, text }) {
  if (!isText(path) || isRuleItself(path) || path === 'package-lock.json') return [];
  // Inside a container root's home is no machine's path.
  if (path === 'Dockerfile') return [];
  const patterns = [
    /\/(home|Users)\/(?!pwuser|node\b)[a-z][\w.-]*\//,
    /(^|[\s"'`(=])\/(work|root)\//,
    /C:\\\\?Users/,
  ];
  return eachLine(
    text,
    (line) => patterns.some((pattern) => pattern.test(line)),
    (_, number) => `${path}:${number}: a path of one machine.`,
  );
}

/** npm takes the registry from the reader's configuration; an address in the lock file would override it. */
export function lockFile({ path, text }) {
  if (path !== 'package-lock.json') return [];
  return Object.entries(JSON.parse(text).packages ?? {}).flatMap(([name, entry]) =>
    /^(https?|git)/.test(entry.resolved ?? '')
      ? [
          `${path}: ${name} carries a registry address; run \`npm install --omit-lockfile-registry-resolved\`.`,
        ]
      : [],
  );
}

/** Secrets have a shape; a test key of ours or of the sandbox is allowed to be one, a live key never. */
export function liveSecrets({ path, text }) {
  if (!isText(path) || isGenerated(path) || isRuleItself(path)) return [];
  return eachLine(
    text,
    (line) =>
      /\b(sk_live|rk_live|dv_live_sk)_[A-Za-z0-9]{24,}/.test(line) ||
      /-----BEGIN [A-Z ]*PRIVATE KEY/.test(line),
    (_, number) => `${path}:${number}: looks like a live secret.`,
  );
}

export function documents({ path, text }) {
  const lines = text.split('\n').length - 1;
  if (/^docs\/decisions\/[^/]*$/.test(path)) {
    if (!/^docs\/decisions\/\d{4}-[a-z0-9-]+\.md$/.test(path)) {
      return [`${path}: decisions are named NNNN-title.md.`];
    }
    if (lines > DECISION_LINES_MAX)
      return [`${path}: ${lines} lines; ${DECISION_LINES_MAX} are the most.`];
  }
  if (path === 'README.md' && lines > README_LINES_MAX) {
    return [`${path}: ${lines} lines; ${README_LINES_MAX} are the most.`];
  }
  return [];
}

/** Relative links of a document must lead somewhere. */
export function brokenLinks({ path, text }, paths) {
  if (!path.endsWith('.md') || isRuleItself(path)) return [];
  const here = path.split('/').slice(0, -1);
  // A pattern in a code span may look like a link.
  const targets = [
    ...text.replace(/`[^`\n]*`/g, '``').matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g),
  ].map((match) => match[1]);
  return targets.flatMap((target) => {
    const parts = [...here];
    for (const part of target.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.' && part !== '') parts.push(part);
    }
    const full = parts.join('/');
    const exists =
      full === '' || paths.some((other) => other === full || other.startsWith(`${full}/`));
    return exists ? [] : [`${path}: the link to ${target} leads nowhere.`];
  });
}

export const FILE_RULES = [
  fileLength,
  lineWidth,
  leftoverMarkers,
  fileName,
  machineTraces,
  lockFile,
  liveSecrets,
  documents,
  brokenLinks,
  serviceModules,
  handWrittenTransactions,
];

// A heading, bold at the start of a line, or the first cell of a row.
const SERVICE_SECTIONS = {
  Owns: /^(#+ |\*\*|\| )owns\b/im,
  'Does not own': /^(#+ |\*\*|\| )does not own\b/im,
  'Events in and out': /^(#+ .*\b(events|in and out)|\| events in)\b/im,
  Limits: /^(#+ |\*\*).*\blimits\b/im,
  Invariants: /^(#+ |\*\*).*\binvariants\b/im,
};
const LAYERS = ['domain', 'application', 'adapters'];
/** The gateway's features are flat; these folders hold rooms instead of layers. */
const FLAT = { gateway: ['edge', 'orbit', 'orb', 'organizations', 'console'] };

/** Applications that are no service: they end when their work is done. */
const NOT_SERVICES = ['cli'];

/** Every service is laid out alike: features first, then layers; main, module and configuration beside them. */
export function serviceShape(files) {
  const paths = files.map(({ path }) => path);
  const services = [
    ...new Set(paths.flatMap((path) => /^apps\/([^/]+)\/src\//.exec(path)?.[1] ?? [])),
  ].filter((name) => !NOT_SERVICES.includes(name));
  return services.flatMap((service) => {
    const root = `apps/${service}`;
    const faults = [];
    for (const required of [
      'README.md',
      'src/main.ts',
      `src/${service}.module.ts`,
      `src/${service}.config.ts`,
    ]) {
      if (!paths.includes(`${root}/${required}`)) faults.push(`${root}: ${required} is missing.`);
    }
    const readme = files.find(({ path }) => path === `${root}/README.md`)?.text ?? '';
    for (const [section, pattern] of Object.entries(readme === '' ? {} : SERVICE_SECTIONS)) {
      if (!pattern.test(readme)) {
        faults.push(`${root}/README.md: the section "${section}" is missing.`);
      }
    }
    for (const path of paths.filter((other) => other.startsWith(`${root}/src/`))) {
      const [feature, ...rest] = path.slice(`${root}/src/`.length).split('/');
      if (rest.length < 2 || !path.endsWith('.ts')) continue;
      if (FLAT[service]) {
        if (!FLAT[service].includes(feature)) {
          faults.push(`${path}: src/ holds ${FLAT[service].join(', ')} and nothing else.`);
        }
        if (rest.length > 2) faults.push(`${path}: a feature of this service is flat.`);
      } else {
        if (!LAYERS.includes(rest[0])) {
          faults.push(`${path}: a feature holds ${LAYERS.join(', ')} and nothing else.`);
        }
        if (rest.length > 2) faults.push(`${path}: a layer is flat.`);
      }
    }
    return faults;
  });
}

/** Nobody keeps more than some twenty files of one folder in mind. */
export function roomSize(files) {
  const counts = new Map();
  for (const { path } of files) {
    if (!/^(apps|libs|sandboxes)\/[^/]+\/src\/.*\.(ts|lua)$/.test(path)) continue;
    const folder = path.split('/').slice(0, -1).join('/');
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > LAYER_FILES_MAX)
    .map(
      ([folder, count]) =>
        `${folder}: ${count} files; ${LAYER_FILES_MAX} are the most. Split it by subject.`,
    );
}

/** A library is one folder with an index and a place in the dependency rule. */
export function projectShape(files) {
  const byPath = new Map(files.map((file) => [file.path, file.text]));
  const roots = [
    ...new Set(
      [...byPath.keys()].flatMap(
        (path) => /^((apps|libs|sandboxes)\/[^/]+)\/src\//.exec(path)?.[1] ?? [],
      ),
    ),
  ];
  return roots.flatMap((root) => {
    const project = byPath.get(`${root}/project.json`);
    if (project === undefined)
      return [`${root}: project.json is missing, so no dependency rule holds it.`];
    const tags = JSON.parse(project).tags ?? [];
    const faults = ['type:', 'scope:'].flatMap((prefix) =>
      tags.filter((tag) => tag.startsWith(prefix)).length === 1
        ? []
        : [`${root}/project.json: needs one ${prefix}* tag.`],
    );
    if (root.startsWith('libs/') && !byPath.has(`${root}/src/index.ts`))
      faults.push(`${root}: src/index.ts is missing.`);
    return faults;
  });
}

/** A migration is applied once and for ever: one folder, one file, a name that says verb and object. */
export function migrationShape(files) {
  const folders = [
    ...new Set(files.flatMap(({ path }) => /^prisma\/migrations\/([^/]+)\//.exec(path)?.[1] ?? [])),
  ];
  return folders.flatMap((folder) => {
    const faults = [];
    if (!/^\d{14}_[a-z0-9_]+$/.test(folder))
      faults.push(`prisma/migrations/${folder}: named <time>_<words>.`);
    if (!files.some(({ path }) => path === `prisma/migrations/${folder}/migration.sql`)) {
      faults.push(`prisma/migrations/${folder}: migration.sql is missing.`);
    }
    return faults;
  });
}

/** The event library is read by topic: whoever adds a topic adds its documentation by generating it. */
export function requiredDocuments(files) {
  const required = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'deploy/README.md',
    ...['architecture', 'glossary', 'hacking', 'testing', 'operating', 'style'].map(
      (page) => `docs/${page}.md`,
    ),
    ...['errors', 'events', 'limits'].map((page) => `docs/reference/${page}.md`),
  ];
  return required.flatMap((path) =>
    files.some((file) => file.path === path) ? [] : [`${path} is missing.`],
  );
}

export { declaredImports, modulesOfFeatures };

export const REPOSITORY_RULES = [
  serviceShape,
  modulesOfFeatures,
  roomSize,
  importCircles,
  declaredImports,
  projectShape,
  migrationShape,
  requiredDocuments,
  pathStops,
  places,
  namedFiles,
  wordsNotUsed,
];

/** All faults of these files, in the order of the rules. */
export function faultsOf(files, { repository = true } = {}) {
  const paths = files.map(({ path }) => path);
  const ofFiles = files.flatMap((file) => FILE_RULES.flatMap((rule) => rule(file, paths)));
  return repository ? [...ofFiles, ...REPOSITORY_RULES.flatMap((rule) => rule(files))] : ofFiles;
}
