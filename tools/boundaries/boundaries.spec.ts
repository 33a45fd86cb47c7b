import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** One planted file: where it pretends to be, what it holds, and what the lint must say about it. */
interface Planted {
  readonly fact: string;
  readonly path: string;
  readonly code: string;
  /** Part of the finding; null for a file that must pass. */
  readonly finding: string | null;
}

const LEDGER = 'apps/wallet-ledger/src';
/** A feature of the ledger, and its ground. */
const FEATURE = `${LEDGER}/leases`;
const GROUND = `${LEDGER}/books`;
const GATEWAY = 'apps/gateway/src';
const use = (what: string, from: string): string =>
  `import { ${what} } from '${from}';\nexport const planted = [${what}];\n`;

const PLANTED: readonly Planted[] = [
  // Between projects.
  {
    fact: 'a domain library may not import a contract library',
    path: 'libs/money/src/planted.ts',
    code: use('OrbitError', '@orbit/contracts'),
    finding: 'A project tagged with "type:domain" can only depend on',
  },
  {
    fact: 'a domain library may not import a package from npm',
    path: 'libs/money/src/planted.ts',
    code: use('Redis', 'ioredis'),
    finding: 'A project tagged with "type:domain" is not allowed to import "ioredis"',
  },
  {
    fact: 'a contract library may not import Nest',
    path: 'libs/contracts/src/planted.ts',
    code: use('Injectable', '@nestjs/common'),
    finding: 'A project tagged with "type:contract" is not allowed to import "@nestjs/common"',
  },
  {
    fact: 'a contract library may not import infrastructure',
    path: 'libs/events/src/planted.ts',
    code: use('EventProducer', '@orbit/messaging'),
    finding: 'A project tagged with "type:contract" can only depend on',
  },
  {
    fact: 'an infrastructure library may not import a service',
    path: 'libs/runtime/src/planted.ts',
    code: use('GatewayModule', '../../../apps/gateway/src/gateway.module.js'),
    finding: '@nx/enforce-module-boundaries',
  },
  {
    fact: 'a service may not import another service',
    path: 'apps/gateway/src/orbit/charges/planted.controller.ts',
    code: use('PostBatch', '../../../../wallet-ledger/src/books/application/post-batch.js'),
    finding: '@nx/enforce-module-boundaries',
  },
  {
    fact: 'a service may not import the test library outside tests',
    path: 'apps/gateway/src/orbit/charges/rpc-planted.ts',
    code: use('frozenClock', '@orbit/testing'),
    finding: 'A project tagged with "type:app" can only depend on',
  },
  {
    fact: 'no file may reach into a library past its index',
    path: 'apps/gateway/src/orbit/charges/rpc-planted.ts',
    code: use('micros', '@orbit/money/src/money.js'),
    finding: 'Import the library, not its files',
  },
  // Inside a service.
  {
    fact: 'domain may not import application',
    path: `${FEATURE}/domain/planted.ts`,
    code: use('LedgerStore', '../application/ports.js'),
    finding: 'domain/ may not look outwards',
  },
  {
    fact: 'domain may not import adapters, not even a type',
    path: `${FEATURE}/domain/planted.ts`,
    code: "import type { Row } from '../adapters/rows.js';\nexport type Planted = Row;\n",
    finding: 'domain/ may not look outwards',
  },
  {
    fact: 'domain may not re-export adapters',
    path: `${FEATURE}/domain/planted.ts`,
    code: "export { planted } from '../adapters/planted.js';\n",
    finding: 'domain/ may not look outwards',
  },
  {
    fact: 'domain may not import the configuration',
    path: `${FEATURE}/domain/planted.ts`,
    code: use('Config', '../../wallet-ledger.config.js'),
    finding: 'knows neither wiring nor configuration',
  },
  {
    fact: 'domain may not import a driver',
    path: `${FEATURE}/domain/planted.ts`,
    code: use('Pool', 'pg'),
    finding: 'domain/ does no I/O',
  },
  {
    fact: 'domain may not import files of Node',
    path: `${FEATURE}/domain/planted.ts`,
    code: use('readFile', 'node:fs/promises'),
    finding: 'domain/ does no I/O',
  },
  {
    fact: 'domain may not import infrastructure libraries',
    path: `${FEATURE}/domain/planted.ts`,
    code: use('HotBalances', '@orbit/spend'),
    finding: 'domain/ is pure',
  },
  {
    fact: 'domain may not make ids',
    path: `${FEATURE}/domain/planted.ts`,
    code: use('newId', '@orbit/kernel'),
    finding: 'domain/ is replayed',
  },
  {
    fact: 'domain may not import dynamically',
    path: `${FEATURE}/domain/planted.ts`,
    code: "export const planted = () => import('pg');\n",
    finding: 'walk around the layer rule',
  },
  {
    fact: 'domain may not call Date.now()',
    path: `${FEATURE}/domain/planted.ts`,
    code: 'export const planted = Date.now();\n',
    finding: 'Date.now() makes a replay differ',
  },
  {
    fact: 'domain may not call new Date()',
    path: `${FEATURE}/domain/planted.ts`,
    code: 'export const planted = new Date();\n',
    finding: 'new Date() makes a replay differ',
  },
  {
    fact: 'domain may not call Math.random()',
    path: `${FEATURE}/domain/planted.ts`,
    code: 'export const planted = Math.random();\n',
    finding: 'Math.random() makes a replay differ',
  },
  {
    fact: 'domain may not fetch',
    path: `${FEATURE}/domain/planted.ts`,
    code: "export const planted = fetch('http://localhost');\n",
    finding: "Unexpected use of 'fetch'",
  },
  {
    fact: 'application may not import adapters',
    path: `${FEATURE}/application/planted.ts`,
    code: use('PostgresLeaseReader', '../adapters/postgres-lease-reader.js'),
    finding: 'application/ may not look outwards',
  },
  ...['@nestjs/common', '@prisma/client', 'ioredis', 'kafkajs', 'pg', 'stripe'].map((driver) => ({
    fact: `application may not import ${driver}`,
    path: `${FEATURE}/application/planted.ts`,
    code: use('Driver', driver),
    finding: 'application/ does no I/O and knows no framework',
  })),
  ...['node:fs', 'node:net', 'node:http', 'node:child_process'].map((module) => ({
    fact: `application may not import ${module}`,
    path: `${FEATURE}/application/planted.ts`,
    code: use('io', module),
    finding: 'application/ does no I/O',
  })),
  {
    fact: 'application may not import a value from an infrastructure library',
    path: `${FEATURE}/application/planted.ts`,
    code: use('HotBalances', '@orbit/spend'),
    finding: 'application/ sees infrastructure through ports.ts',
  },
  {
    fact: 'application may not read the clock of the machine',
    path: `${FEATURE}/application/planted.ts`,
    code: 'export const planted = (): number => Date.now();\n',
    finding: 'Date.now() makes a replay differ',
  },
  {
    fact: 'a controller may not import what goes out',
    path: `${FEATURE}/adapters/planted.controller.ts`,
    code: use('PostgresLeaseReader', './postgres-lease-reader.js'),
    finding: 'only the module knows what goes out',
  },
  // Between features of a service.
  {
    fact: "domain may not import another feature's use case",
    path: `${FEATURE}/domain/planted.ts`,
    code: use('ChangeBlock', '../../blocks/application/change-block.js'),
    finding: "Another feature's use cases and adapters are its own",
  },
  {
    fact: "application may not import another feature's use case",
    path: `${FEATURE}/application/planted.ts`,
    code: use('ChangeBlock', '../../blocks/application/change-block.js'),
    finding: "Another feature's use cases are its own",
  },
  {
    fact: "application may not import the ground's adapters",
    path: `${FEATURE}/application/planted.ts`,
    code: use('PostgresLedgerStore', '../../books/adapters/postgres-ledger-store.js'),
    finding: "Another feature's adapters are its own",
  },
  {
    fact: "adapters may not import another feature's adapters",
    path: `${FEATURE}/adapters/planted.ts`,
    code: use('PostgresBlockReader', '../../blocks/adapters/postgres-block-reader.js'),
    finding: "Another feature's use cases and adapters are its own",
  },
  {
    fact: 'the ground may not import a feature',
    path: `${GROUND}/application/planted.ts`,
    code: use('decideCharge', '../../charges/domain/charge.js'),
    finding: 'The ground knows no feature',
  },
  {
    fact: "a test of the ground may not import a feature's use case",
    path: `${GROUND}/application/planted.spec.ts`,
    code: use('decideCharge', '../../charges/domain/charge.js'),
    finding: 'The ground knows no feature, nor do its tests',
  },
  {
    fact: "a test of the ground may not import a feature's adapter",
    path: `${GROUND}/adapters/planted.itest.ts`,
    code: use('PostgresWalletReader', '../../wallets/adapters/postgres-wallet-reader.js'),
    finding: 'The ground knows no feature, nor do its tests',
  },
  {
    fact: 'a feature of the gateway may not import another one',
    path: `${GATEWAY}/orbit/leases/planted.controller.ts`,
    code: use('PlansController', '../plans/plans.controller.js'),
    finding: 'Another feature is its own',
  },
  {
    fact: 'a use case of the gateway may not import a driver',
    path: `${GATEWAY}/orbit/leases/use-planted.ts`,
    code: use('Redis', 'ioredis'),
    finding: 'does no I/O and knows no framework',
  },
  {
    fact: "the gateway's edge may not import a feature",
    path: `${GATEWAY}/edge/http/planted.ts`,
    code: use('PlansController', '../../orbit/plans/plans.controller.js'),
    finding: 'The ground knows no feature',
  },
  {
    fact: 'a use case may not read the environment',
    path: 'apps/gateway/src/orbit/charges/rpc-planted.ts',
    code: 'export const planted = process.env;\n',
    finding: 'Configuration is read and checked once',
  },
  {
    fact: 'a service may not have a timer of its own for work that repeats',
    path: 'apps/invoicing/src/planted.module.ts',
    code: 'export const planted = setInterval(() => undefined, 1);\n',
    finding: 'Work that repeats is a job of BackgroundJobs',
  },
  {
    fact: 'an end-to-end test may not import a service',
    path: 'e2e/planted.e2e.ts',
    code: use('GatewayModule', '../apps/gateway/src/gateway.module.js'),
    finding: 'e2e/ goes through public surfaces',
  },
  // Everywhere.
  {
    fact: 'a default export is refused',
    path: `${FEATURE}/domain/planted.ts`,
    code: 'const planted = 1;\nexport default planted;\n',
    finding: 'Named exports only',
  },
  {
    fact: '`any` is refused',
    path: `${FEATURE}/adapters/planted.ts`,
    code: 'export const planted = (row: any): string => String(row);\n',
    finding: '@typescript-eslint/no-explicit-any',
  },
  ...['it.only', 'test.skip', 'describe.only', 'it.todo'].map((call) => ({
    fact: `${call} is refused`,
    path: `${FEATURE}/domain/planted.spec.ts`,
    code: `${call}('planted', () => {});\n`,
    finding: 'hides a test',
  })),
  {
    fact: 'xit is refused',
    path: `${FEATURE}/adapters/planted.itest.ts`,
    code: "xit('planted', () => {});\n",
    finding: 'A skipped or focused test hides others',
  },
  // What must stay allowed.
  {
    fact: "a test of the ground may use the module's rules and a feature's fake",
    path: `${GROUND}/adapters/planted.itest.ts`,
    code:
      "import { LEDGER_RULES } from '../../ledger-rules.js';\n" +
      "import { Switchboard } from '../../hot-balances/switchboard.fake.js';\n" +
      'export const planted = () => [LEDGER_RULES, Switchboard];\n',
    finding: null,
  },
  {
    fact: 'domain may import money, kernel, contracts, its own files and other domains',
    path: `${FEATURE}/domain/planted.ts`,
    code:
      "import { invariant } from '@orbit/kernel';\nimport { micros } from '@orbit/money';\n" +
      "import type { BlockReason } from '@orbit/contracts';\nimport { entry } from '../../books/domain/entry.js';\n" +
      'export const planted = (at: number, why: BlockReason) => [invariant, micros, entry, new Date(at), why];\n',
    finding: null,
  },
  {
    fact: 'application may import domain, its ports, the ground, and a type of an infrastructure library',
    path: `${FEATURE}/application/planted.ts`,
    code:
      "import { createHash } from 'node:crypto';\nimport type { HotWallet } from '@orbit/spend';\n" +
      "import { decide } from '../domain/decide-charges.js';\nimport type { LedgerStore } from '../../books/application/ports.js';\n" +
      'export const planted = (a: HotWallet, b: LedgerStore) => [a, b, decide, createHash];\n',
    finding: null,
  },
  {
    fact: 'adapters may import application, domain, the ground, drivers and infrastructure',
    path: `${FEATURE}/adapters/planted.ts`,
    code:
      "import { Pool } from 'pg';\nimport { HotBalances } from '@orbit/spend';\n" +
      "import type { LedgerStore } from '../application/ports.js';\nimport { entry } from '../domain/entry.js';\n" +
      'export const planted = (store: LedgerStore) => [Pool, HotBalances, store, entry];\n',
    finding: null,
  },
];

/** One process for all plants: loading Nx and TypeScript is what costs. */
function lint(planted: readonly Planted[]): readonly (readonly string[])[] {
  const script = fileURLToPath(new URL('lint-planted.mjs', import.meta.url));
  const input = JSON.stringify(planted.map(({ path, code }) => ({ path, code })));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    input,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  if (status !== 0) throw new Error(`The planted files could not be linted:\n${stderr}`);
  const results = JSON.parse(stdout) as { findings: readonly string[] }[];
  return results.map(({ findings }) => findings);
}

describe('module boundaries', () => {
  let findings: readonly (readonly string[])[] = [];
  beforeAll(() => {
    findings = lint(PLANTED);
  });

  test.each(PLANTED.map((planted, index) => ({ ...planted, index })))('$fact', (planted) => {
    const found = (findings[planted.index] ?? []).join('\n');
    if (planted.finding === null) expect(found).toBe('');
    else expect(found).toContain(planted.finding);
  });
});
