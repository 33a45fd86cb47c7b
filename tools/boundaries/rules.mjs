// The dependency rules of this repository, as ESLint configuration.
//
// Two kinds: between projects (tags in project.json, checked by Nx over its project graph) and inside
// a service (feature folders with layers, checked by import patterns), because Nx looks at projects only.
// In words: a file may use its own feature, the ground, and the domain of other features; never their
// use cases or adapters. The ground knows no feature.
// `tools/boundaries/boundaries.spec.ts` plants one violation of each and sees it caught.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { KNOWN } from './known.mjs';

const APPS = join(import.meta.dirname, '../../apps');

/** Tests and what stands around them; they may look everywhere. Services are never built from these. */
const TESTS = [
  '**/*.spec.ts',
  '**/*.itest.ts',
  '**/*.sim.ts',
  '**/*.e2e.ts',
  '**/*.fake.ts',
  '{apps,sandboxes}/*/src/**/test-*.ts',
  'apps/*/src/**/*-under-test.ts',
  'apps/*/src/**/*-fixture.ts',
  'apps/*/src/**/*-stand-in.ts',
];

const may = (sourceTag, ...onlyDependOnLibsWithTags) => ({ sourceTag, onlyDependOnLibsWithTags });

/** The imports that are allowed, by tag. A service may use its own scope and shared ones, never another service. */
export const depConstraints = [
  { ...may('type:domain', 'type:domain'), bannedExternalImports: ['*'] },
  {
    ...may('type:contract', 'type:domain', 'type:contract'),
    bannedExternalImports: ['@nestjs/*', '@prisma/*', 'ioredis', 'kafkajs', 'pg', 'stripe'],
  },
  may('type:infra', 'type:domain', 'type:contract', 'type:infra'),
  may('type:testing', 'type:domain', 'type:contract', 'type:infra', 'type:testing'),
  may('type:app', 'type:domain', 'type:contract', 'type:infra'),
  ...[
    'gateway',
    'wallet-ledger',
    'checkout',
    'usage-metering',
    'invoicing',
    'cli',
    'stripe-sandbox',
  ].map((service) => may(`scope:${service}`, `scope:${service}`, 'scope:shared')),
  may('scope:shared', 'scope:shared'),
];

/** Packages that reach outside the process: drivers, frameworks, sockets, files, other processes. */
const DRIVERS =
  '^(@nestjs/|@prisma/|@fastify/|@clickhouse/|fastify$|ioredis|kafkajs|pg$|pg-|stripe$|stripe/|pdfkit|rxjs|pino|commander)';
const NODE_IO =
  '^(node:)?(fs|net|http|https|http2|tls|dgram|dns|child_process|cluster|worker_threads|os|process|readline|repl|inspector|timers)(/|$)';
const INFRA_LIBS = '^@orbit/(messaging|metrics|persistence|runtime|spend|testing)$';

const wiring = (folder) => ({
  regex: '\\.(module|config)(\\.js)?$',
  message: `${folder}/ knows neither wiring nor configuration; take what you need in the constructor.`,
});
const noDrivers = (folder) => ({
  regex: DRIVERS,
  message: `${folder}/ does no I/O and knows no framework; put this in adapters/.`,
});
const noNodeIo = (folder) => ({
  regex: NODE_IO,
  message: `${folder}/ does no I/O; name the effect in application/ports.ts, do it in adapters/.`,
});
const outward = (folder, regex) => ({
  regex,
  message: `${folder}/ may not look outwards: domain < application < adapters < module.`,
});
const otherFeature = (regex, what) => ({
  regex,
  message: `Another feature's ${what} are its own: use its domain/, or move what both need into the ground.`,
});

/** Imports that a layer of a feature may not have. `ground` is a pattern of features that all others stand on. */
const layersOver = (ground) => ({
  domain: [
    outward('domain', '^\\.\\./(application|adapters)/'),
    otherFeature('^\\.\\./\\.\\./[^/]+/(application|adapters)/', 'use cases and adapters'),
    wiring('domain'),
    noDrivers('domain'),
    noNodeIo('domain'),
    { regex: INFRA_LIBS, message: 'domain/ is pure: only kernel, money, contracts and events.' },
    {
      regex: '^@orbit/kernel$',
      importNames: ['newId', 'systemClock'],
      message: 'domain/ is replayed: ids and instants come in as arguments.',
    },
    {
      regex: '^(node:)?crypto$',
      importNames: ['randomBytes', 'randomUUID', 'randomInt', 'randomFill', 'webcrypto'],
      message: 'domain/ is replayed: no randomness here.',
    },
  ],
  application: [
    outward('application', '^\\.\\./adapters/'),
    otherFeature('^\\.\\./\\.\\./[^/]+/adapters/', 'adapters'),
    otherFeature(`^\\.\\./\\.\\./(?!${ground}/)[^/]+/application/`, 'use cases'),
    ...USE_CASE,
  ],
  adapters: [
    otherFeature(
      `^\\.\\./\\.\\./(?!${ground}/)[^/]+/(application|adapters)/`,
      'use cases and adapters',
    ),
  ],
});

/** A use case, wherever it lives: no driver, no clock of its own, ports instead of infrastructure. */
const USE_CASE = [
  wiring('application'),
  noDrivers('application'),
  noNodeIo('application'),
  {
    regex: INFRA_LIBS,
    allowTypeImports: true,
    message: 'application/ sees infrastructure through ports.ts; a type import is fine.',
  },
  {
    regex: '^@orbit/kernel$',
    importNames: ['systemClock'],
    message: 'application/ takes a Clock in its constructor.',
  },
];

const INBOUND_ONLY = {
  regex: '/(postgres|redis|kafka|rpc|stripe|prisma)-',
  message: 'What comes in calls a use case; only the module knows what goes out.',
};
const groundOnly = (ground) => ({
  regex: `^\\.\\./\\.\\./(?!${ground}/)`,
  message: 'The ground knows no feature: let the module hand in what it needs.',
});

const CLOCKS = [
  ['CallExpression[callee.object.name="Date"][callee.property.name="now"]', 'Date.now()'],
  ['NewExpression[callee.name="Date"][arguments.length=0]', 'new Date()'],
  ['CallExpression[callee.name="Date"]', 'Date()'],
  ['CallExpression[callee.object.name="Math"][callee.property.name="random"]', 'Math.random()'],
  [
    'CallExpression[callee.object.name="performance"][callee.property.name="now"]',
    'performance.now()',
  ],
  ['MemberExpression[object.name="process"][property.name="hrtime"]', 'process.hrtime'],
].map(([selector, what]) => ({
  selector,
  message: `${what} makes a replay differ; take a Clock, an instant or a seed as an argument.`,
}));
const LATE_IMPORT = {
  selector: 'ImportExpression',
  message: 'A dynamic import would walk around the layer rule.',
};

/** Promised by every file of src/, in any layer. Repeated per layer: the last block to match wins. */
export const EVERYWHERE_SYNTAX = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Named exports only: one thing, one name, in every file.',
  },
  {
    selector: 'CallExpression[callee.name="parseFloat"]',
    message: 'Amounts are micros (bigint); parse them with @orbit/money.',
  },
];
export const DEEP_IMPORT = {
  regex: '^@orbit/[^/]+/',
  message: 'Import the library, not its files: what index.ts exports is the promise.',
};

const GLOBALS_WITH_EFFECTS = [
  'fetch',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'console',
];

const PURE = {
  'no-restricted-syntax': ['error', ...EVERYWHERE_SYNTAX, ...CLOCKS, LATE_IMPORT],
  'no-restricted-globals': ['error', ...GLOBALS_WITH_EFFECTS],
};
const imports = (name, files, patterns, rules = {}, ignores = []) => ({
  name: `orbit/${name}`,
  files,
  ignores: [...TESTS, ...KNOWN, ...ignores],
  plugins: { '@typescript-eslint': tseslint.plugin },
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns: [DEEP_IMPORT, ...patterns] }],
    ...rules,
  },
});

/** The rules of one service with features in layers. Of several blocks for one file the last wins. */
function featureRules([service, grounds]) {
  const src = `apps/${service}/src`;
  const ground = `(?:${grounds.join('|')})`;
  const layers = layersOver(ground);
  const inbound = ['controller', 'consumer', 'job'].map((kind) => `*.${kind}.ts`);
  return [
    [`${src}/*`, []],
    ...grounds.map((name) => [`${src}/${name}`, [groundOnly(ground)]]),
  ].flatMap(([feature, more]) => [
    imports(`${service}-domain`, [`${feature}/domain/**`], [...layers.domain, ...more], PURE),
    imports(
      `${service}-application`,
      [`${feature}/application/**`],
      [...layers.application, ...more],
      PURE,
    ),
    imports(`${service}-adapters`, [`${feature}/adapters/**`], [...layers.adapters, ...more]),
    imports(
      `${service}-inbound`,
      inbound.map((name) => `${feature}/adapters/${name}`),
      [...layers.adapters, ...more, INBOUND_ONLY],
    ),
  ]);
}

/** A ground's own tests, too: what needs a feature beside it is tested where both meet, at the service's root. */
const groundTests = ([service, names]) => {
  const tests = TESTS.map((test) => test.replace(/^.*\*\//, ''));
  const regex = `^\\.\\./\\.\\./(?!(?:${names.join('|')})/)[^/]+/(domain|application|adapters)/`;
  const message =
    'The ground knows no feature, nor do its tests: use a fake, or move the test to src/.';
  return {
    name: `orbit/${service}-ground-tests`,
    files: names.flatMap((name) => tests.map((test) => `apps/${service}/src/${name}/**/${test}`)),
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ regex, message }] }],
    },
  };
};

/** The grounds of a service by its name, from the tags `ground:<feature>` of its project.json. */
const grounds = new Map(
  readdirSync(APPS).flatMap((service) => {
    const project = join(APPS, service, 'project.json');
    const { tags } = existsSync(project) ? JSON.parse(readFileSync(project, 'utf8')) : { tags: [] };
    const names = tags.filter((tag) => tag.startsWith('ground:'));
    return names.length > 0 ? [[service, names.map((tag) => tag.slice('ground:'.length))]] : [];
  }),
);

/**
 * The gateway's features are flat: HTTP in, one question to another service, a view out. What a file
 * may do shows in its name.
 */
const GATEWAY_ADAPTERS = ['controller', 'models', 'module']
  .map((kind) => `**/*.${kind}.ts`)
  .concat(['rpc', 'redis', 'kafka', 'postgres', 'hmac', 'outage'].map((kind) => `**/${kind}-*.ts`));
const otherRoom = (regex) => ({
  regex,
  message: 'Another feature is its own: move what both need into edge/.',
});
const gatewayRules = [
  imports(
    'gateway-features',
    ['apps/gateway/src/orbit/*/*.ts', 'apps/gateway/src/organizations/*.ts'],
    [otherRoom('^\\.\\./(?!\\.\\./(edge|organizations)/|edge/)')],
    {},
    // Wiring hands one feature what another made.
    ['**/*.module.ts'],
  ),
  imports(
    'gateway-use-cases',
    ['apps/gateway/src/orbit/*/*.ts', 'apps/gateway/src/organizations/*.ts'],
    [otherRoom('^\\.\\./(?!\\.\\./(edge|organizations)/|edge/)'), ...USE_CASE],
    PURE,
    GATEWAY_ADAPTERS,
  ),
  imports(
    'gateway-edge',
    ['apps/gateway/src/edge/**/*.ts'],
    [{ ...groundOnly('edge'), regex: '^\\.\\./(\\.\\./)?(orbit|orb|organizations|console)/' }],
  ),
];

/**
 * Nx's rule reads the project graph from its cache and, without one, skips in silence. So the graph
 * is made here, in process and without a daemon, before ESLint starts; an error fails the lint.
 */
async function makeProjectGraph() {
  process.env['NX_DAEMON'] = 'false';
  process.env['NX_NO_CLOUD'] = 'true';
  await createProjectGraphAsync({ exitOnError: false, resetDaemonClient: false });
}
await makeProjectGraph();

export const boundaries = [
  {
    name: 'orbit/projects',
    files: ['{apps,libs,sandboxes}/**/*.ts'],
    ignores: TESTS,
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { depConstraints, banTransitiveDependencies: false },
      ],
    },
  },
  {
    name: 'orbit/configuration-comes-in',
    files: ['{apps,libs,sandboxes}/*/src/**/*.ts'],
    ignores: [
      ...TESTS,
      '{apps,sandboxes}/*/src/main.ts',
      'apps/cli/src/cli/context.ts',
      'libs/testing/**',
      'libs/runtime/**',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message:
            'Configuration is read and checked once, in main.ts through <service>.config.ts.',
        },
      ],
    },
  },
  {
    name: 'orbit/cli-projects',
    files: ['apps/cli/src/**/*.ts'],
    ignores: TESTS,
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          depConstraints,
          banTransitiveDependencies: false,
          // Where a stack keeps its files: `npm start` needs it before anything is compiled.
          allow: ['../../../../tools/**'],
        },
      ],
    },
  },
  {
    name: 'orbit/cli-libraries',
    files: ['apps/cli/src/**/*.ts'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      // `raw` is without Nest, which takes longer to load than most commands run.
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ ...DEEP_IMPORT, regex: '^@orbit/(?!messaging/raw$)[^/]+/' }] },
      ],
    },
  },
  {
    name: 'orbit/one-background-runner',
    files: ['apps/*/src/**/*.ts'],
    // A command ends with its work.
    ignores: [...TESTS, 'apps/cli/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          name: 'setInterval',
          message:
            'Work that repeats is a job of BackgroundJobs (libs/runtime): it sleeps, is woken and stops.',
        },
      ],
    },
  },
  ...[...grounds].flatMap(featureRules),
  ...[...grounds].map(groundTests),
  ...gatewayRules,
  {
    name: 'orbit/e2e-sees-public-surfaces',
    files: ['e2e/**/*.ts'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '(^|/)(apps|libs)/',
              message:
                'e2e/ goes through public surfaces; import libraries by name, services never.',
            },
          ],
        },
      ],
    },
  },
];
