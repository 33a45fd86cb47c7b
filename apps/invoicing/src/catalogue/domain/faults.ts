import { isAllowanceUnit } from '@orbit/allowances';
import type { OrbRefusal } from '@orbit/orb-api';
import { readDecimal } from '@orbit/pricing';

export type Fields = Readonly<Record<string, unknown>>;

/** Gathers what is wrong with a request; each sentence begins with the field it is about. */
export class Faults {
  readonly sentences: string[] = [];

  constructor(
    /** Before every field: `prices[0].price`. */
    private readonly at = '',
  ) {}

  add(field: string, message: string): void {
    this.sentences.push(`${this.at === '' ? '' : `${this.at}.`}${field} ${message}`);
  }

  /** Everything that was said inside `field`. */
  addFrom(inner: Faults): void {
    this.sentences.push(...inner.sentences);
  }

  inside(field: string): Faults {
    return new Faults(this.at === '' ? field : `${this.at}.${field}`);
  }

  get isEmpty(): boolean {
    return this.sentences.length === 0;
  }

  /** Null: nothing is wrong. */
  refusal(): OrbRefusal | null {
    const [first] = this.sentences;
    if (first === undefined) return null;
    const detail = this.sentences.join('; ');
    return { code: 'request_validation_errors', detail, validationErrors: this.sentences };
  }
}

const ISO_CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'));
const CUSTOM_UNIT = /^[a-z][a-z0-9_]{3,31}$/;

export const isIsoCode = (text: string): boolean => ISO_CURRENCIES.has(text);

/** Of a price: ISO 4217, or a custom unit. The units of what Orbit's plans include are taken. */
export function checkCurrency(faults: Faults, field: string, text: string): void {
  if (isIsoCode(text)) return;
  if (isAllowanceUnit(text)) {
    faults.add(field, `must not be ${text}: that is a unit of what plans include`);
  } else if (!CUSTOM_UNIT.test(text)) {
    const custom = 'a unit of 4 to 32 small letters, digits and _ such as credits';
    faults.add(field, `must be an ISO 4217 currency such as USD, or ${custom}`);
  }
}

/** A decimal as text, from 0 on (above 0 with `isPositive`). Null after a fault. */
export function decimalText(
  faults: Faults,
  field: string,
  value: unknown,
  isPositive = false,
): string | null {
  const read = readDecimal(value);
  if (!read) {
    faults.add(field, 'must be a decimal of at most 38 digits, 18 of them behind the point');
    return null;
  }
  if (read.isNegative || (isPositive && read.isZero)) {
    faults.add(field, isPositive ? 'must be above 0' : 'must not be negative');
    return null;
  }
  return read.toString();
}

/** A name or a key: not blank, not longer than a line of a document may be. */
export function checkText(faults: Faults, field: string, text: string, lengthMax = 500): void {
  if (text.trim() === '') faults.add(field, 'must not be blank');
  if (text.length > lengthMax)
    faults.add(field, `must have at most ${String(lengthMax)} characters`);
}
