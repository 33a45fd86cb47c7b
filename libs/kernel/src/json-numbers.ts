/** Digits that every double keeps, whatever they are. */
const KEPT_DIGITS_COUNT = 15;

/** An exponent of fewer digits moves no number of KEPT_DIGITS_COUNT out of the range of doubles. */
const EXPONENT_DIGITS_MIN = 3;

/**
 * Where JSON, which JSON.parse has taken, holds a number that would not come out of it as it is written: it has more
 * digits than a double keeps, or is too large or too near to zero for one. The path of its field (`metadata.order`;
 * '' is the value itself), or null.
 */
export function unkeptNumberAt(json: Buffer, text: string): string | null {
  return mayHoldUnkept(json) ? scan(text) : null;
}

/**
 * Quick and on the safe side: false says that nothing in it looks like such a number, in quotes or not. Every message
 * pays for this, so it looks at each third byte only: a number that is not kept has runs that no step leaps over.
 */
function mayHoldUnkept(json: Buffer): boolean {
  for (let at = EXPONENT_DIGITS_MIN - 1; at < json.length; at += EXPONENT_DIGITS_MIN) {
    if (!isOfRun(json[at])) continue;
    let start = at;
    while (isOfRun(json[start - 1])) start--;
    while (isOfRun(json[at + 1])) at++;
    const length = at + 1 - start;
    if (length > KEPT_DIGITS_COUNT) return true;
    if (length >= EXPONENT_DIGITS_MIN && isBeforeExponent(json[start - 1])) return true;
  }
  return false;
}

/** A digit or a point; the slash between them in ASCII does no harm. */
const isOfRun = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x2e && byte <= 0x39;

const isBeforeExponent = (byte: number | undefined): boolean =>
  byte !== undefined && 'eE+-'.includes(String.fromCharCode(byte));

interface Level {
  /** The place in a list; null in an object. */
  index: number | null;
  name: string;
}

/** No recursion and no expression over whole texts: both end the stack before JSON ends. */
function scan(json: string): string | null {
  const levels: Level[] = [];
  let isName = false;
  for (let at = 0; at < json.length;) {
    const level = levels.at(-1);
    const sign = json[at];
    if (sign === '"') {
      const end = endOfText(json, at);
      if (isName && level) level.name = json.slice(at, end);
      at = end;
    } else if (sign === '-' || isDigit(json.charCodeAt(at))) {
      const end = endOfNumber(json, at);
      if (!isKept(json.slice(at, end))) return levels.map(nameOf).join('.');
      at = end;
    } else {
      if (sign === '{') levels.push({ index: null, name: '""' });
      else if (sign === '[') levels.push({ index: 0, name: '""' });
      else if (sign === '}' || sign === ']') levels.pop();
      else if (sign === ',' && level && level.index !== null) level.index++;
      if (sign === '{') isName = true;
      else if (sign === ':' || sign === '[') isName = false;
      else if (sign === ',') isName = level?.index === null;
      at++;
    }
  }
  return null;
}

const nameOf = ({ index, name }: Level): string =>
  index === null ? (JSON.parse(name) as string) : String(index);

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** After the quote that ends the text which begins at `start`. */
function endOfText(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); ; at = json.indexOf('"', at + 1)) {
    let first = at;
    while (json[first - 1] === '\\') first--;
    if ((at - first) % 2 === 0) return at + 1;
  }
}

function endOfNumber(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && '0123456789.eE+-'.includes(json.charAt(at))) at++;
  return at;
}

/** Whether the decimal that is written is the one that its double is shown as. */
function isKept(literal: string): boolean {
  if (literal.length <= KEPT_DIGITS_COUNT && !/e/i.test(literal)) return true;
  const double = Number(literal);
  return Number.isFinite(double) && decimalOf(literal) === decimalOf(String(double));
}

/** One text for each decimal, however it is written: its digits without zeros around them, and their exponent. */
function decimalOf(literal: string): string {
  const isNegative = literal.startsWith('-');
  const [mantissa = '', exponent = '0'] = literal.slice(isNegative ? 1 : 0).split(/e/i);
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = withoutZeros(whole + fraction);
  if (digits.text === '') return '0';
  return `${isNegative ? '-' : ''}${digits.text}e${Number(exponent) - fraction.length + digits.endingZeros}`;
}

function withoutZeros(digits: string): { text: string; endingZeros: number } {
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === '0') start++;
  while (end > start && digits[end - 1] === '0') end--;
  return { text: digits.slice(start, end), endingZeros: digits.length - end };
}
