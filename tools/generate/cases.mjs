// docs/reference/cases.md: which tests show the numbers of docs/cases.md. A number in a title that has no row there,
// and a row that no title names, stop the generator.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './load-libraries.mjs';
import { cell, heading, table } from './markdown.mjs';

const FOLDERS = ['apps', 'libs', 'e2e', 'tools', 'sandboxes'];
const TITLE =
  /\b(?:test|it|describe)(?:\.each\([\s\S]{0,2000}?\))?\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;
const NUMBER = /(?<![\w:-])T([0-3]\d)\b(?!:\d)/g;

const tests = () =>
  FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => `${folder}/${name}`.replaceAll('\\', '/'))
      .filter((path) => /\.(spec|itest|sim|e2e)\.ts$/.test(path))
      .filter((path) => !/\/(node_modules|dist)\//.test(path))
      .sort(),
  );

export function generateCases() {
  const page = readFileSync(join(root, 'docs/cases.md'), 'utf8');
  const known = new Map(
    [...page.matchAll(/^\| (T\d\d) ([^|]+?) \|/gm)].map(([, number, name]) => [number, name]),
  );
  const titles = new Map([...known.keys()].map((number) => [number, []]));
  for (const path of tests()) {
    const text = readFileSync(join(root, path), 'utf8');
    for (const [, , title] of text.matchAll(TITLE))
      for (const number of new Set([...title.matchAll(NUMBER)].map(([match]) => match))) {
        if (!titles.has(number)) throw new Error(`${path}: docs/cases.md has no ${number}.`);
        titles.get(number).push({ path, title: title.replace(/\s+/g, ' ') });
      }
  }
  const missing = [...titles].filter(([, found]) => found.length === 0).map(([number]) => number);
  if (missing.length > 0) throw new Error(`No test names ${missing.join(', ')} of docs/cases.md.`);
  const rows = [...titles].flatMap(([number, found]) =>
    found.map(({ path, title }, index) => [
      index === 0 ? `**${number}** ${known.get(number)}` : '',
      cell(title),
      `[${path.split('/').at(-1)}](../../${path})`,
    ]),
  );
  const text = `${heading('Cases and their tests', 'docs/cases.md')}
What each case is: [cases](../cases.md). A title in a loop stands once.

${table(['case', 'test', 'file'], rows)}
`;
  return [{ path: 'docs/reference/cases.md', text }];
}
