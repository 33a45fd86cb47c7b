import { INSTANT_PATTERN } from '@orbit/events';
import { isStorableInstant, readRfc3339 } from '@orbit/kernel';
import { isCurrency, isIsoCurrency, parseAmount, readIsoCurrency } from '@orbit/money';
import type { FormatName } from './shape.js';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_LENGTH = 10;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const URL_LENGTH_MAX = 2_048;
const AMOUNT = /^-?\d{1,10}(\.\d{1,6})?$/;

/** ISO 8601 in UTC with milliseconds; null when the text is neither a date nor an instant of the years 1 to 9999. */
export function toInstant(text: string): string | null {
  if (!DATE.test(text) && !INSTANT.test(text)) return null;
  const ms = Date.parse(text);
  if (!isStorableInstant(ms)) return null;
  // Date.parse turns February 30th into March; such a date is a fault.
  const day = text.slice(0, DAY_LENGTH);
  if (!new Date(Date.parse(day)).toISOString().startsWith(day)) return null;
  return new Date(ms).toISOString();
}

const isInstant = (text: string): boolean => !DATE.test(text) && toInstant(text) !== null;

const EVENT_INSTANT = new RegExp(INSTANT_PATTERN);

/** An instant that events carry: the schemas of their topics take no other, and would dead-letter it. */
const isEventInstant = (text: string): boolean =>
  isInstant(text) && EVENT_INSTANT.test(toInstant(text) ?? '');

function isAmount(text: string, isRight: (micros: bigint) => boolean): boolean {
  const parsed = parseAmount(text);
  return AMOUNT.test(text) && parsed.ok && isRight(parsed.amountMicros);
}

/** "usd" would be a custom unit by its form; nobody who writes it means one. */
const isUnit = (text: string): boolean =>
  isCurrency(text) && (isIsoCurrency(text) || readIsoCurrency(text) === null);

/** An absolute http or https address without credentials; anything else could run in a browser. */
export function isHttpUrl(text: string): boolean {
  if (text.length > URL_LENGTH_MAX) return false;
  // The parser drops line ends and blanks, and turns backslashes: it would check another address.
  if (!/^https?:\/\/[^\s\\]+$/i.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/** Checks behind the formats of our schemas. */
export const FORMATS: Readonly<Record<FormatName, (text: string) => boolean>> = {
  amount: (text) => isAmount(text, (micros) => micros >= 0n),
  'positive-amount': (text) => isAmount(text, (micros) => micros > 0n),
  'signed-amount': (text) => isAmount(text, (micros) => micros !== 0n),
  instant: isInstant,
  'date-or-instant': (text) => toInstant(text) !== null,
  'date-time': isInstant,
  'event-instant': isEventInstant,
  rfc3339: (text) => readRfc3339(text) !== null,
  unit: isUnit,
  'http-url': isHttpUrl,
};
