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
  expect(faults('apps/a/src/x.ts', '// It lapsed.')).toEqual([]);
});

test('in a folder that is in line, comments and parts of names count too', () => {
  expect(faults('libs/money/src/x.ts', '/** What it costs. */')).toHaveLength(1);
  expect(faults('libs/money/src/x.ts', 'const creditLapsed = 1;')).toHaveLength(1);
  expect(faults('libs/money/src/x.ts', 'const lapsed_micros = 1;')).toHaveLength(1);
  expect(faults('libs/money/src/x.spec.ts', 'const lapsed = 1;')).toEqual([]);
});
