import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

interface RepositoryFile {
  readonly path: string;
  readonly text: string;
}
type Rules = {
  faultsOf(files: readonly RepositoryFile[], options?: { repository: boolean }): readonly string[];
  serviceShape(files: readonly RepositoryFile[]): readonly string[];
  projectShape(files: readonly RepositoryFile[]): readonly string[];
  modulesOfFeatures(files: readonly RepositoryFile[]): readonly string[];
  migrationShape(files: readonly RepositoryFile[]): readonly string[];
  declaredImports(files: readonly RepositoryFile[]): readonly string[];
  requiredDocuments(files: readonly RepositoryFile[]): readonly string[];
};
const rules = (await import(new URL('rules.mjs', import.meta.url).href)) as unknown as Rules;

const faults = (path: string, text = '', others: readonly RepositoryFile[] = []): string =>
  rules.faultsOf([{ path, text }, ...others], { repository: false }).join('\n');
const lines = (count: number): string => 'const x = 1;\n'.repeat(count);
// Put together here, so that the rule does not find them in this file.
const marker = ['TO', 'DO'].join('');

describe('rules for one file', () => {
  test('400 lines pass, 401 are refused, a test may have 500', () => {
    expect(faults('libs/a/src/b.ts', lines(400))).toBe('');
    expect(faults('libs/a/src/b.ts', lines(401))).toContain('401 lines');
    expect(faults('libs/a/src/b.spec.ts', lines(500))).toBe('');
    expect(faults('libs/a/src/b.spec.ts', lines(501))).toContain('501 lines');
    expect(faults('docs/reference/errors.md', lines(900))).toBe('');
  });

  test('101 columns of code are refused, a long string passes', () => {
    expect(faults('a.ts', `const ${'a'.repeat(94)};`)).toContain('101 columns');
    expect(faults('a.ts', `const ${'a'.repeat(93)};`)).toBe('');
    expect(faults('a.ts', `const a = '${'a'.repeat(120)}';`)).toBe('');
  });

  test.each([marker, ['FIX', 'ME'].join(''), `${'<'.repeat(7)} HEAD`])('%s is refused', (mark) => {
    expect(faults('a.ts', mark.startsWith('<') ? mark : `// ${mark}: later`)).toContain('leftover');
  });

  test.each(['utils.ts', 'date-helpers.ts', 'common/a.ts', 'wallet-manager.ts', 'string_util.mjs'])(
    'the name %s is refused',
    (name) => {
      expect(faults(`libs/a/src/${name}`)).toContain('says nothing');
    },
  );

  test.each([
    ["import { BlocksController } from './blocks/adapters/blocks.controller.js';", 'controller'],
    ['const providers = { provide: Books, useValue: books };', 'provider'],
    ['  controllers: [BlocksController],', 'controllers'],
    ['  jobs: [sweep],', 'jobs'],
    ['const jobs = new BackgroundJobs([sweep], logger);', 'runs jobs'],
  ])('a service module with a part of a feature is refused: %s', (text, what) => {
    expect(faults('apps/ledger/src/ledger.module.ts', text)).toContain(what);
    expect(faults('apps/ledger/src/blocks/blocks.module.ts', text)).toBe('');
  });

  test.each([
    "await client.query('BEGIN');",
    "await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');",
    "await client.query('COMMIT');",
    'await prisma.$executeRaw`ROLLBACK`;',
  ])('a transaction by hand is refused in a service: %s', (text) => {
    expect(faults('apps/ledger/src/books/adapters/postgres-a.ts', text)).toContain('by hand');
    expect(faults('apps/ledger/src/books/books.itest.ts', text)).toBe('');
    expect(faults('apps/cli/src/ledger/reads.ts', text)).toBe('');
  });

  test('going back to a savepoint passes', () => {
    const text = 'await sql.$executeRaw`ROLLBACK TO SAVEPOINT change`;';
    expect(faults('apps/ledger/src/books/adapters/postgres-a.ts', text)).toBe('');
  });

  test('a service module that lists features passes', () => {
    const text = 'super({ connections: [pool], features: [blocksFeature(pool)] });';
    expect(faults('apps/ledger/src/ledger.module.ts', text)).toBe('');
  });

  test('a name that only contains such a word passes', () => {
    expect(faults('libs/a/src/utilisation.ts')).toBe('');
  });

  test('a file name in camel case is refused', () => {
    expect(faults('libs/a/src/postCharge.ts')).toContain('kebab-case');
  });

  test.each(['/home/ann/orbit/a', '/Users/ann/orbit', ' /root/orbit/a'])(
    '%s is refused',
    (path) => {
      expect(faults('a.ts', `const a = "${path}";`)).toContain('a path of one machine');
    },
  );

  test('a registry address in the lock file is refused, a link to a workspace passes', () => {
    const lock = (resolved: string): string =>
      JSON.stringify({ packages: { 'node_modules/a': { resolved } } });
    expect(faults('package-lock.json', lock('https://registry.example/a.tgz'))).toContain(
      'registry',
    );
    expect(faults('package-lock.json', lock('libs/a'))).toBe('');
  });

  test('a live secret is refused, a test key passes', () => {
    const random = 'a1B2c3D4e5F6g7H8i9J0k1L2m3';
    expect(faults('a.ts', `const key = 'sk_live_${random}';`)).toContain('live secret');
    expect(faults('a.ts', `const key = 'sk_test_${random}';`)).toBe('');
  });

  test('a link that leads nowhere is refused', () => {
    const others = [{ path: 'docs/b.md', text: '' }];
    expect(faults('docs/a.md', '[b](b.md) [up](../docs/b.md) [web](https://e.org)', others)).toBe(
      '',
    );
    expect(faults('docs/a.md', '[c](c.md)', others)).toContain('leads nowhere');
  });

  test('a decision has a number and at most 60 lines', () => {
    expect(faults('docs/decisions/why.md')).toContain('NNNN-title.md');
    expect(faults('docs/decisions/0001-why.md', lines(61))).toContain('61 lines');
  });
});

describe('rules for the whole', () => {
  const service = (readme: string, ...more: readonly string[]): readonly RepositoryFile[] => [
    { path: 'apps/a/README.md', text: readme },
    ...['main.ts', 'a.module.ts', 'a.config.ts', ...more].map((name) => ({
      path: `apps/a/src/${name}`,
      text: '',
    })),
  ];
  const README = '## Owns\n## Does not own\n## Events in and out\n## Limits\n## Invariants\n';

  test('a service has its README, its three files and four flat folders', () => {
    expect(
      rules.serviceShape(service(README, 'books/domain/x.ts', 'books/books.module.ts')),
    ).toEqual([]);
    expect(rules.serviceShape(service('## Owns')).join()).toContain('"Invariants" is missing');
    expect(rules.serviceShape(service(README, 'books/services/x.ts')).join()).toContain(
      'nothing else',
    );
    expect(rules.serviceShape(service(README, 'books/domain/deep/x.ts')).join()).toContain('flat');
    const [, ...withoutReadme] = service(README);
    expect(rules.serviceShape(withoutReadme).join()).toContain('README.md is missing');
  });

  test('a library without tags or index is refused', () => {
    const library = [{ path: 'libs/a/src/x.ts', text: '' }];
    expect(rules.projectShape(library).join()).toContain('project.json is missing');
    const project = { path: 'libs/a/project.json', text: '{"tags":["type:infra"]}' };
    expect(rules.projectShape([...library, project]).join()).toContain('scope:');
    expect(rules.projectShape([...library, project]).join()).toContain('index.ts is missing');
  });

  test('a controller that no module of a feature names is refused', () => {
    const controller = { path: 'apps/a/src/blocks/adapters/blocks.controller.ts', text: '' };
    const importing = (name: string) => ({
      path: 'apps/a/src/blocks/blocks.module.ts',
      text: `import { X } from './adapters/${name}.js';`,
    });
    const refused = rules.modulesOfFeatures([controller, importing('other.controller')]);
    expect(refused.join()).toContain('no <feature>.module.ts');
    expect(rules.modulesOfFeatures([controller, importing('blocks.controller')])).toEqual([]);
  });

  test('a migration has a time in its name and one file', () => {
    const at = (path: string): readonly RepositoryFile[] => [{ path, text: '' }];
    expect(rules.migrationShape(at('prisma/migrations/20261121000100_a/migration.sql'))).toEqual(
      [],
    );
    expect(rules.migrationShape(at('prisma/migrations/a/up.sql'))).toHaveLength(2);
  });

  test('an import that package.json does not name is told, and one of a service that is for development', () => {
    const manifest = {
      path: 'package.json',
      text: '{"dependencies":{"pg":"1"},"devDependencies":{"@jest/globals":"1"}}',
    };
    const at = (path: string, text: string): readonly string[] =>
      rules.declaredImports([manifest, { path, text }]);
    expect(at('apps/a/src/main.ts', "import pg from 'pg';\nimport { x } from './y.js';")).toEqual(
      [],
    );
    expect(at('tools/a.mjs', "import 'node:fs';\nimport {\n  a,\n} from '@jest/globals';")).toEqual(
      [],
    );
    expect(at('tools/a.mjs', "import a from 'fastify/lib/b.js';").join()).toContain(' fastify,');
    const ofService = "import { a } from '@jest/globals';";
    expect(at('apps/a/src/main.ts', ofService).join()).toContain('not in the dependencies of');
    expect(at('apps/a/src/main.spec.ts', ofService)).toEqual([]);
  });

  test('a missing page is told', () => {
    expect(rules.requiredDocuments([]).join()).toContain('docs/architecture.md is missing');
  });

  test('this repository has no faults', () => {
    const script = fileURLToPath(new URL('tidy.mjs', import.meta.url));
    const run = (): string => execFileSync(process.execPath, [script], { encoding: 'utf8' });
    expect(run()).toContain('no faults');
  });
});
