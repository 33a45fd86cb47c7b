// One meaning for each word: the column "not" of docs/glossary.md names the words that are not used, and this refuses
// them. A phrase is matched as whole words, in any case; with a capital it is matched only as it is written. `#`
// stands for a number. A phrase that begins with `*` is looked for in comments of code alone.

import { WIRE_NAMES } from './wire-names.mjs';

const GLOSSARY = 'docs/glossary.md';
/** Pages whose text is made elsewhere: titles of tests, the contract of somebody else; and the glossary itself. */
const COPIED = [
  ...['orbit-api', 'orb-compat', 'cases'].map((page) => `docs/reference/${page}.md`),
  GLOSSARY,
];
/** Records of their day: what was decided stays as it was written. */
const RECORDS = /^docs\/decisions\//;
/** The comments that clients read are the text of the OpenAPI document. */
const OPENAPI_TEXT = ['libs/sdk/src/schema.ts', 'libs/sdk/src/billing.ts'];
const WIRE = new RegExp(`(?<!\\w)(?:${WIRE_NAMES.join('|')})(?!\\w)`, 'g');
/** Says the words in order to refuse them. */
const EXCEPTIONS = 'tools/tidy/wire-names.mjs';
const IS_MADE = /\/generated\/|openapi\.json$/;

const isTest = (path) =>
  /\.(spec|itest|sim|e2e|fake)\.ts$|\/(testing|simulation)\/|-under-test\.ts$|-fixture\.ts$/.test(
    path,
  );
const isCode = (path) =>
  /\.(ts|mjs|lua)$/.test(path) && !isTest(path) && !IS_MADE.test(path) && path !== EXCEPTIONS;
const isDocument = (path) => path.endsWith('.md') && !COPIED.includes(path) && !RECORDS.test(path);

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
function patternOf(phrase) {
  const words = phrase.split(' ').map((word) => (word === '#' ? '\\d+' : escaped(word)));
  const flags = /[A-Z]/.test(phrase) ? '' : 'i';
  return new RegExp(`(?<![\\w-])${words.join('\\s+')}(?![\\w-])`, flags);
}

/** From the glossary: what is not used, and what is said instead. */
export function unusedWords(glossary) {
  return glossary.split('\n').flatMap((line) => {
    const [say = '', , not = ''] = line.split('|').slice(1, -1);
    return [...not.matchAll(/`([^`]+)`/g)].map(([, phrase]) => ({
      say: say.trim(),
      phrase,
      pattern: patternOf(phrase),
      isOfCode: phrase.startsWith('*'),
    }));
  });
}

const blank = (text) => text.replace(/[^\n]/g, ' ');

/** A document without its code; the lines keep their numbers. */
function prose(path, text) {
  // The page of the command line is help text in fences.
  const fences =
    path === 'docs/reference/cli.md' ? text : text.replace(/^```[\s\S]*?^```/gm, blank);
  // Of the history only what is not released yet can still be said better.
  const current =
    path === 'CHANGELOG.md' ? fences.replace(/^## (?!Unreleased)[\s\S]*/m, '') : fences;
  return current.replace(/`[^`\n]*`/g, '`…`').replace(/\]\([^)]*\)/g, ']()');
}

/** Only what matches; everything else is blank, so that lines keep their numbers. */
function only(text, pattern) {
  let out = '';
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    out += blank(text.slice(from, match.index)) + match[0];
    from = match.index + match[0].length;
  }
  return out + blank(text.slice(from));
}

/** Splits names into parts, so that a word is found in the middle of a name. */
const inParts = (text) =>
  text
    .replace(WIRE, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .replace(/(?<=[a-z])_(?=[a-z])/g, ' ');

/** The part of a file that the rule reads; null: none of it. */
function readPart({ path, text }) {
  if (isDocument(path)) return { text: prose(path, text), isCode: false };
  if (OPENAPI_TEXT.includes(path))
    return { text: only(text, /^\s*(\/\*\*|\*|\/\/).*$/gm), isCode: true };
  if (!isCode(path)) return null;
  return { text: inParts(text), isCode: true };
}

export function wordsNotUsed(files) {
  const glossary = files.find(({ path }) => path === GLOSSARY)?.text;
  if (glossary === undefined) return [];
  const words = unusedWords(glossary);
  return files.flatMap((file) => {
    const part = readPart(file);
    if (part === null) return [];
    const lines = part.text.split('\n');
    return words
      .filter(({ isOfCode }) => part.isCode || !isOfCode)
      .flatMap(({ phrase, say, pattern }) =>
        lines.flatMap((line, index) =>
          pattern.test(line)
            ? [`${file.path}:${index + 1}: "${phrase}" is not used; the glossary says: ${say}.`]
            : [],
        ),
      );
  });
}
