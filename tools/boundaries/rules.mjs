// The dependency rules of this repository, as ESLint configuration.
//
// Two kinds: between projects (tags in project.json, checked by Nx over its project graph) and
// inside a service (folders, checked by import patterns), because Nx looks at projects only.
// `tools/boundaries/boundaries.spec.ts` plants one violation of each and sees it caught.
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Tests and what stands around them; they may look everywhere. Services are never built from these. */
const TESTS = [
  '**/*.spec.ts',
  '**/*.itest.ts',
  '**/*.sim.ts',
  '**/*.e2e.ts',
  '**/*.fake.ts',
  'apps/*/src/test-*.ts',
  'apps/*/src/*-under-test.ts',
  'apps/*/src/*-stand-in.ts',
];

const may = (sourceTag, ...onlyDependOnLibsWithTags) => ({ sourceTag, onlyDependOnLibsWithTags });

/** Who may import whom, by tag. A service may use its own scope and what is shared, never another service. */
export const depConstraints = [
  { ...may('type:domain', 'type:domain'), bannedExternalImports: ['*'] },
  {
    ...may('type:contract', 'type:domain', 'type:contract'),
    bannedExternalImports: ['@nestjs/*', '@prisma/*', 'ioredis', 'kafkajs', 'pg', 'stripe'],
  },
  may('type:infra', 'type:domain', 'type:contract', 'type:infra'),
  may('type:testing', 'type:domain', 'type:contract', 'type:infra', 'type:testing'),
  may('type:app', 'type:domain', 'type:contract', 'type:infra'),
  ...['gateway', 'wallet-ledger', 'checkout', 'usage-metering', 'invoicing', 'stripe-sandbox'].map(
    (service) => may(`scope:${service}`, `scope:${service}`, 'scope:shared'),
  ),
  may('scope:shared', 'scope:shared'),
];

/** What reaches outside the process: drivers, frameworks, sockets, files, other processes. */
const DRIVERS =
  '^(@nestjs/|@prisma/|@fastify/|fastify$|ioredis|kafkajs|pg$|pg-|stripe$|stripe/|pdfkit|rxjs|pino|commander)';
const NODE_IO =
  '^(node:)?(fs|net|http|https|http2|tls|dgram|dns|child_process|cluster|worker_threads|os|process|readline|repl|inspector|timers)(/|$)';
const INFRA_LIBS = '^@orbit/(messaging|persistence|runtime|spend|testing)$';

const outward = (folder, folders) => ({
  regex: `(^|/)(${folders.join('|')})/`,
  message: `${folder}/ may not look outwards: domain < application < inbound, outbound < module.`,
});
const wiring = (folder) => ({
  regex: '\\.(module|config)(\\.js)?$',
  message: `${folder}/ knows neither wiring nor configuration; take what you need in the constructor.`,
});
const noDrivers = (folder) => ({
  regex: DRIVERS,
  message: `${folder}/ does no I/O and knows no framework; put this in inbound/ or outbound/.`,
});
const noNodeIo = (folder) => ({
  regex: NODE_IO,
  message: `${folder}/ does no I/O; name the effect in application/ports.ts, do it in outbound/.`,
});

const LAYERS = {
  domain: [
    outward('domain', ['application', 'inbound', 'outbound']),
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
    outward('application', ['inbound', 'outbound']),
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
  ],
  inbound: [outward('inbound', ['outbound'])],
  outbound: [outward('outbound', ['inbound'])],
};

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

const layer = (folder) => ({
  name: `orbit/layer-${folder}`,
  files: [`apps/*/src/${folder}/**/*.ts`],
  ignores: TESTS,
  plugins: { '@typescript-eslint': tseslint.plugin },
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: [DEEP_IMPORT, ...LAYERS[folder]] },
    ],
    ...(folder === 'domain' || folder === 'application'
      ? {
          'no-restricted-syntax': ['error', ...EVERYWHERE_SYNTAX, ...CLOCKS, LATE_IMPORT],
          'no-restricted-globals': ['error', ...GLOBALS_WITH_EFFECTS],
        }
      : {}),
  },
});

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
    files: ['apps/**/*.ts', 'libs/**/*.ts'],
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
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: [...TESTS, 'apps/*/src/main.ts', 'libs/testing/**', 'libs/runtime/**'],
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
  layer('domain'),
  layer('application'),
  layer('inbound'),
  layer('outbound'),
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
