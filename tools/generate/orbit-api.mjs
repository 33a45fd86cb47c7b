/**
 * docs/reference/orbit-api.md: every endpoint, from the OpenAPI document, with the test that covers it. A
 * test covers an operation when it calls it (`client.get('/balance')`, `send('POST', '/refunds', …)`), or
 * says so: `// covers: GET /api/v1/billing/plans`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SDK_NAMES } from './sdk-names.mjs';

const BILLING = '/api/v1/billing';
const TEST_FILE = /\.(e2e|itest|spec)\.ts$/;
/** Kinds of tests, the most convincing first. */
const KINDS = ['e2e', 'itest', 'spec'];

/** The operations in the two documents that the product began with. */
const SEEDS = {
  plans: [
    'GET /plans',
    'GET /plan',
    'POST /checkout',
    'GET /credits',
    'POST /credits/topup',
    'PUT /credits/auto-reload',
    'GET /usage',
    'GET /usage/history',
    'GET /invoices',
  ],
  wallet: [
    'GET /balance',
    'GET /credits',
    'POST /balance/top-up',
    'POST /credits/purchase',
    'GET /transactions',
    'GET /usage-by-channel',
    'GET /invoices',
  ],
};

/** Errors: names the operations that no test covers. */
export function generateOrbitApi(document, root) {
  const tests = testFiles(root);
  const rows = [];
  const uncovered = [];
  for (const [route, methods] of Object.entries(document.paths)) {
    for (const [verb, operation] of Object.entries(methods)) {
      const method = verb.toUpperCase();
      const found = coverOf(method, route, tests);
      if (found === null) uncovered.push(`${method} ${route}`);
      else rows.push({ method, route, summary: operation.summary ?? '', ...found });
    }
  }
  if (uncovered.length > 0) throw new Error(`No test covers ${uncovered.join(', ')}.`);
  rows.sort((a, b) =>
    a.route === b.route ? (a.method < b.method ? -1 : 1) : a.route < b.route ? -1 : 1,
  );
  return [{ path: 'docs/reference/orbit-api.md', text: textOf(rows) }];
}

function textOf(rows) {
  const cell = (text) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();
  const line = ({ method, route, summary, title, file }) =>
    `| \`${method} ${route}\` | ${cell(summary)} | ${SDK_NAMES[`${method} ${route}`] ?? ''} | ${seedsOf(method, route)} | ${cell(title)} (\`${file}\`) |`;
  const table = (list) =>
    [
      '| endpoint | what | in the client libraries | seed | test |',
      '| --- | --- | --- | --- | --- |',
      ...list.map(line),
    ].join('\n');
  const isBilling = ({ route }) => route.startsWith(`${BILLING}/`);
  return `# The Orbit Billing API

Made by \`npm run generate\` from the OpenAPI document (\`/api/openapi.json\`, a page at \`/api/docs\`). \`/v1/billing\` answers like \`${BILLING}\`. The column «seed» says which of the two documents
that the product began with names the endpoint.

## For an organization's developers

${table(rows.filter(isBilling))}

## For the operator

${table(rows.filter((row) => !isBilling(row)))}
`;
}

const seedsOf = (method, route) =>
  Object.entries(SEEDS)
    .filter(([, list]) => list.includes(`${method} ${route.replace(BILLING, '')}`))
    .map(([name]) => name)
    .join(', ');

function testFiles(root) {
  const files = [];
  const walk = (folder) => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      if (['node_modules', 'dist', '.orbit', '.git', '.nx'].includes(entry.name)) continue;
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) walk(full);
      else if (TEST_FILE.test(entry.name)) files.push(full);
    }
  };
  for (const folder of ['e2e', 'apps', 'libs', 'sandboxes', 'tools']) walk(path.join(root, folder));
  const kind = (file) => KINDS.indexOf(TEST_FILE.exec(file)[1]);
  return files
    .sort((a, b) => kind(a) - kind(b) || (a < b ? -1 : 1))
    .map((file) => ({ file: path.relative(root, file), text: fs.readFileSync(file, 'utf8') }));
}

function coverOf(method, route, tests) {
  const escaped = (text) => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  const shape = (text) => escaped(text).replace(/\{\w+\}/g, '[^\'"`?/]+');
  const tails = [
    route,
    route.replace(BILLING, ''),
    route.replace(/^\/api\/v1\/operator/, ''),
  ].filter((tail) => tail !== '');
  const tail = `(?:\\$\\{[^}]*\\})?(?:${[...new Set(tails)].map(shape).join('|')})`;
  const end = '(?:\\?[^\'"`]*)?[\'"`]';
  const verb = method.toLowerCase();
  const calls = [
    new RegExp(`covers: ${method} ${escaped(route)}\\s`),
    new RegExp(`\\.${verb}(?:<[^(]*>)?\\(\\s*['"\`]${tail}${end}`),
    new RegExp(`['"\`]${method}['"\`],\\s*['"\`]${tail}${end}`),
    new RegExp(`method: ['"\`]${method}['"\`],\\s*url: ['"\`]${tail}${end}`),
    ...(method === 'GET'
      ? [new RegExp(`\\.(?:bytes|inject|raw)\\(\\s*(?:\\{ url: )?['"\`]${tail}${end}`)]
      : []),
  ];
  for (const { file, text } of tests) {
    for (const call of calls) {
      const at = text.search(call);
      if (at !== -1) return { file, title: titleBefore(text, at) };
    }
  }
  return null;
}

/** The title of the test around this place. */
function titleBefore(text, at) {
  const titles = [...text.matchAll(/\btest(?:\.each\([^)]*\))?\(\s*(['"`])((?:(?!\1).)+)\1/gs)];
  const before = titles.filter((match) => match.index < at).at(-1) ?? titles[0];
  return before ? before[2] : 'the whole file';
}
