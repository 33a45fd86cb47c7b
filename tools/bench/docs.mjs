/** Puts the result of a run into docs/benchmarks.md, between its two marks. */
import fs from 'node:fs';
import path from 'node:path';
import { cellsOf } from './report.mjs';

const FILE = path.join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');
const BEGIN = '<!-- last run: begin -->';
const END = '<!-- last run: end -->';

const line = (cells) => `| ${cells.join(' | ')} |`;

/** What stands between the marks. */
export function section(rows, notes, atMs) {
  const head = ['row', 'ours', 'baseline', 'ratio', 'target', 'holds', 'unit'];
  return [
    `Run of ${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map((row) => line(cellsOf(row))),
    '',
    'What the run said about itself:',
    '',
    ...notes.map((note) => `- ${note}`),
  ].join('\n');
}

/** Errors: the document has lost its marks. */
export function writeDocs({ rows, notes }) {
  const text = fs.readFileSync(FILE, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('docs/benchmarks.md has lost its marks.');
  const body = `${BEGIN}\n\n${section(rows, notes, Date.now())}\n\n`;
  fs.writeFileSync(FILE, text.slice(0, begin) + body + text.slice(end));
}
