// Goal: a word that the glossary says is not used cannot come back where people read.
interface RepositoryFile {
  readonly path: string;
  readonly text: string;
}
type Rule = (files: readonly RepositoryFile[]) => readonly string[];
const { wordsNotUsed } = (await import(new URL('words.mjs', import.meta.url).href)) as unknown as {
  wordsNotUsed: Rule;
};

const GLOSSARY = {
  path: 'docs/glossary.md',
  text: [
    '| word | means | not |',
    '| --- | --- | --- |',
    '| expire | … | `lapse` `lapsed` |',
    '| return | … | `Answers the` `answers #` |',
    '| a noun | … | `* What` |',
  ].join('\n'),
};
const faults = (path: string, text: string): readonly string[] =>
  wordsNotUsed([GLOSSARY, { path, text }]);

test('a document is refused with the line and the word that is said instead', () => {
  expect(faults('docs/a.md', 'Credit.\nIt LAPSED then.')).toEqual([
    'docs/a.md:2: "lapsed" is not used; the glossary says: expire.',
  ]);
  expect(faults('docs/a.md', 'It answers 404.')).toHaveLength(1);
  expect(faults('docs/a.md', 'It answers the question.')).toEqual([]);
  expect(faults('apps/a/README.md', 'Answers the total.')).toHaveLength(1);
});

test('code in a document, decisions and what was released are left alone', () => {
  expect(faults('docs/a.md', 'The `lapsed` flag.\n```\nlapsed\n```\n')).toEqual([]);
  expect(faults('docs/decisions/0001-a.md', 'It lapsed.')).toEqual([]);
  expect(faults('CHANGELOG.md', '## Unreleased\n- new\n## 1.0.0\n- it lapsed')).toEqual([]);
  expect(faults('CHANGELOG.md', '## Unreleased\n- it lapsed\n## 1.0.0\n')).toHaveLength(1);
});

test('the text of the OpenAPI document and every message of an error is read', () => {
  expect(faults('libs/sdk/src/schema.ts', "  /** It lapsed. */\n  'lapsed': 1;")).toHaveLength(1);
  const thrown = "new OrbitError(\n  'conflict',\n  'The block has lapsed.',\n);";
  expect(faults('apps/a/src/x.ts', thrown)).toEqual([
    'apps/a/src/x.ts:3: "lapsed" is not used; the glossary says: expire.',
  ]);
});

test.each([
  ['a comment', 'apps/a/src/x.ts', '// Room.\n// It lapsed.', 2],
  ['the head of a docstring', 'libs/money/src/x.ts', '/** What it costs. */', 1],
  ['the head of a long docstring', 'tools/x.mjs', '/**\n * What it costs.\n */', 2],
  ['a part of a name', 'libs/money/src/x.ts', 'const creditLapsed = 1;', 1],
  ['a type', 'sandboxes/stripe/src/x.ts', 'interface LapsedCredit {}', 1],
  ['a part of a column', 'apps/a/src/x.ts', 'const lapsed_micros_total = 1;', 1],
  ['a constant', 'e2e/x.ts', 'const MS = 1;\nconst LAPSED = 1;', 2],
  ['a script of Redis', 'libs/spend/src/redis/x.lua', 'return 1 -- it lapsed', 1],
  ['a string', 'tools/x.mjs', "throw new Error('It lapsed.');", 1],
])('%s is read wherever code is', (_, path, text, line) => {
  expect(faults(path, text)).toHaveLength(1);
  expect(faults(path, text)[0]).toContain(`${path}:${line}: `);
});

test('tests, generated code and names on the wire are left alone, and no more of their line', () => {
  expect(faults('libs/money/src/x.spec.ts', 'const lapsed = 1;')).toEqual([]);
  expect(faults('apps/a/src/generated/x.ts', 'const lapsed = 1;')).toEqual([]);
  expect(faults('apps/a/src/x.ts', "metadata['lapsed_micros']")).toEqual([]);
  expect(faults('apps/a/src/x.ts', "const lapsed = metadata['lapsed_micros'];")).toHaveLength(1);
});
