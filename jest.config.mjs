// One Jest configuration for every kind of test; a "project" per kind, so `--selectProjects spec` stays I/O free.
const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        transform: {
          legacyDecorator: true,
          decoratorMetadata: true,
          useDefineForClassFields: false,
        },
        target: 'es2023',
        keepClassNames: true,
      },
      module: { type: 'es6' },
    },
  ],
  // Fastify's injector requires `cookie` with require(); the package is ESM only.
  'node_modules/cookie/.+\\.js$': [
    '@swc/jest',
    { jsc: { target: 'es2023' }, module: { type: 'commonjs' } },
  ],
};

const base = {
  rootDir: '.',
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^@orbit/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^@orbit/([^/]+)/([^/]+)$': '<rootDir>/libs/$1/src/$2.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform,
  transformIgnorePatterns: ['/node_modules/(?!cookie/)'],
  modulePathIgnorePatterns: ['/dist/', '/\\.orbit/'],
};
const files = (ending) =>
  ['apps', 'libs', 'sandboxes', 'tools', 'e2e'].map((d) => `<rootDir>/${d}/**/*.${ending}.ts`);
const infra = '<rootDir>/libs/testing/src/global-setup.mjs';

export default {
  projects: [
    { ...base, displayName: 'spec', testMatch: files('spec') },
    {
      ...base,
      displayName: 'itest',
      testMatch: files('itest'),
      globalSetup: infra,
      testEnvironment: '<rootDir>/libs/testing/src/shared-servers.environment.mjs',
    },
    { ...base, displayName: 'sim', testMatch: files('sim') },
    {
      ...base,
      displayName: 'e2e',
      testMatch: files('e2e'),
      testEnvironment: '<rootDir>/libs/testing/src/noting-failures.environment.mjs',
    },
  ],
  testSequencer: '<rootDir>/libs/testing/src/longest-first.sequencer.mjs',
  // Longer than several waits of `eventually` in one test, whose failure says more than this one.
  testTimeout: 120_000,
};
