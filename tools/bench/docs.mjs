/** Puts the result of a run into docs/benchmarks.md, between its two marks. */
import fs from 'node:fs';
import path from 'node:path';
import { cellsOf } from './report.mjs';

const FILE = path.join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');
const BEGIN = '<!-- last run: begin -->';
const END = '<!-- last run: end -->';

const HEAD = ['row', 'ours', 'baseline', 'ratio', 'target', 'holds', 'unit'];

const line = (cells) => `| ${cells.join(' | ')} |`;
const idOf = (text) => /^\| ([a-z][a-z0-9-]*) +\|/.exec(text)?.[1];
const suiteOf = (text) => /^- ([a-z0-9]+): /.exec(text)?.[1];

/**
 * The text between the marks: rows and notes of this run, and the earlier ones of suites that were not run now.
 */
export function section(before, { rows, notes, about, suites }, atMs) {
  const old = before.split('\n');
  const fresh = new Set(rows.map(({ id }) => id));
  const keptRows = old.filter(
    (text) => idOf(text) && idOf(text) !== 'row' && !fresh.has(idOf(text)),
  );
  const keptNotes = old.filter((text) => suiteOf(text) && !suites.includes(suiteOf(text)));
  return [
    `Last run: ${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    '',
    ...about.map((text) => `${text}  `),
    '',
    line(HEAD),
    line(HEAD.map(() => '---')),
    ...keptRows,
    ...rows.map((row) => line(cellsOf(row))),
    '',
    'What the rounds said:',
    '',
    ...keptNotes,
    ...notes.map(({ suite, text }) => `- ${suite}: ${text}`),
  ].join('\n');
}

/** Errors: the document has lost its marks. */
export async function writeDocs(run) {
  const text = fs.readFileSync(FILE, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('docs/benchmarks.md has lost its marks.');
  const body = section(text.slice(begin + BEGIN.length, end), run, Date.now());
  const { format } = await import('prettier');
  const changed = `${text.slice(0, begin)}${BEGIN}\n\n${body}\n\n${text.slice(end)}`;
  fs.writeFileSync(FILE, await format(changed, { parser: 'markdown', proseWrap: 'preserve' }));
}
