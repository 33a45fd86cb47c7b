/** Bytes of a metric or filter, looked at before anything else is done with it. */
export const SQL_BYTES_MAX = 10_240;
/** Parentheses, brackets and CASEs inside each other, before the text is parsed. */
export const SQL_DEPTH_MAX = 50;
/** Names, numbers, texts and signs. */
export const SQL_TOKENS_MAX = 1_500;

/** A text that is not taken; `message` says what of it is not allowed. */
export class NotAllowed extends Error {}

const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*/y;
const NUMBER = /\d[\d.]*/y;
const QUOTED_OPENERS = new Set(['e', 'u', 'b', 'x', 'n']);

/**
 * Refuses what no parser needs to see: texts that are too long or too deep, comments, every way of quoting but '…' and
 * "…", and a second statement. So the parser reads the text as this does. Errors: NotAllowed.
 */
export function checkSqlText(text: string): void {
  if (Buffer.byteLength(text) > SQL_BYTES_MAX) {
    throw new NotAllowed(`it is longer than ${SQL_BYTES_MAX} bytes`);
  }
  if (text.trim() === '') throw new NotAllowed('there is no statement');
  if (text.includes('\0')) throw new NotAllowed('control characters are not allowed');
  let depth = 0;
  let tokens = 0;
  const deeper = (by: number): void => {
    depth += by;
    if (depth > SQL_DEPTH_MAX) throw new NotAllowed(`it is nested deeper than ${SQL_DEPTH_MAX}`);
    if (depth < 0) throw new NotAllowed('a parenthesis is closed that was not opened');
  };
  for (let at = 0; at < text.length;) {
    const sign = text.charAt(at);
    if (/\s/.test(sign)) {
      at++;
      continue;
    }
    if (++tokens > SQL_TOKENS_MAX) throw new NotAllowed(`it has more than ${SQL_TOKENS_MAX} words`);
    const word = matchAt(WORD, text, at);
    if (word !== null) {
      at += word.length;
      checkPrefix(word, text.charAt(at));
      if (/^case$/i.test(word)) deeper(1);
      if (/^end$/i.test(word)) deeper(-1);
      continue;
    }
    if (sign === "'" || sign === '"') {
      at = endOfQuoted(text, at, sign);
      continue;
    }
    if (sign === '(' || sign === '[') deeper(1);
    if (sign === ')' || sign === ']') deeper(-1);
    checkSign(text, at);
    at += matchAt(NUMBER, text, at)?.length ?? 1;
  }
  if (depth > 0) throw new NotAllowed('a parenthesis or CASE is not closed');
}

function matchAt(form: RegExp, text: string, at: number): string | null {
  form.lastIndex = at;
  return form.exec(text)?.[0] ?? null;
}

function checkPrefix(word: string, next: string): void {
  const opens = next === "'" || (next === '&' && word.toLowerCase() === 'u');
  if (opens && QUOTED_OPENERS.has(word.toLowerCase())) {
    throw new NotAllowed(`the quoting ${word}'…' is not allowed; write '…'`);
  }
}

function checkSign(text: string, at: number): void {
  const two = text.slice(at, at + 2);
  if (two === '--' || two === '/*') throw new NotAllowed('comments are not allowed');
  const sign = text.charAt(at);
  if (sign === '$') throw new NotAllowed('the quoting $…$ and numbered parameters are not allowed');
  if (sign === ';' && text.slice(at + 1).trim() !== '') {
    throw new NotAllowed('more than one statement is not allowed');
  }
  if (sign === '\\') throw new NotAllowed('a backslash is not allowed outside of quotes');
  if (sign < ' ') throw new NotAllowed('control characters are not allowed');
}

/** After the closing quote; a doubled quote belongs to the text. */
function endOfQuoted(text: string, start: number, quote: string): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf(quote, at);
    if (at < 0) throw new NotAllowed(`a quote ${quote} is not closed`);
    if (text.charAt(at + 1) !== quote) return at + 1;
    at++;
  }
}
