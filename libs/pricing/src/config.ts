import { parseDecimal, type Decimal } from './decimal.js';

/** A fault in a price's configuration, and its place: `tiered_config.tiers[1].first_unit`. */
export interface ConfigFault {
  readonly path: string;
  readonly message: string;
}

type Json = unknown;

/**
 * Reads one configuration and gathers every fault in it. What could not be read has a harmless stand-in;
 * whoever reads looks at `faults` before it uses the result.
 */
export class ConfigReader {
  constructor(
    private readonly value: Json,
    readonly path: string,
    readonly faults: ConfigFault[] = [],
  ) {}

  fault(name: string, message: string): void {
    this.faults.push({ path: name === '' ? this.path : `${this.path}.${name}`, message });
  }

  has(name: string): boolean {
    return (this.field(name) ?? null) !== null;
  }

  /** An amount or rate: a decimal string that is not negative. */
  amount(name: string): Decimal {
    return this.notNegative(name, this.decimal(name, this.field(name)));
  }

  amountOr(name: string, otherwise: Decimal | null): Decimal | null {
    return this.has(name) ? this.amount(name) : otherwise;
  }

  /** A size that something is divided by. */
  positive(name: string): Decimal {
    const value = this.decimal(name, this.field(name));
    if (value.digits > 0n) return value;
    this.fault(name, 'must be above 0');
    return ONE;
  }

  text(name: string): string {
    const value = this.field(name);
    if (typeof value === 'string' && value !== '') return value;
    this.fault(name, 'must be a text that is not empty');
    return '';
  }

  textOr<T>(name: string, otherwise: T): string | T {
    return this.has(name) ? this.text(name) : otherwise;
  }

  flag(name: string): boolean {
    const value = this.field(name) ?? false;
    if (typeof value === 'boolean') return value;
    this.fault(name, 'must be true or false');
    return false;
  }

  /** A list of at least one entry. */
  entries(name: string, countMin = 1): readonly ConfigReader[] {
    const value = this.field(name);
    const list = Array.isArray(value) ? (value as Json[]) : [];
    if (list.length < countMin) {
      this.fault(
        name,
        `must have at least ${String(countMin)} ${countMin === 1 ? 'entry' : 'entries'}`,
      );
    }
    return list.map(
      (entry, index) =>
        new ConfigReader(entry, `${this.path}.${name}[${String(index)}]`, this.faults),
    );
  }

  /** One or two texts; null entries count as absent. */
  texts(name: string, countMax: number): readonly string[] {
    const value = this.field(name);
    const list = (Array.isArray(value) ? (value as Json[]) : []).filter((entry) => entry !== null);
    const isFine =
      list.length >= 1 &&
      list.length <= countMax &&
      list.every((entry) => typeof entry === 'string');
    if (!isFine) this.fault(name, `must have 1 to ${String(countMax)} texts`);
    return isFine ? (list as string[]) : [];
  }

  /** Values of a cell: one for each dimension; null stands for events without the property. */
  cell(name: string, count: number): readonly (string | null)[] {
    const value = this.field(name);
    const list = Array.isArray(value) ? (value as Json[]) : [];
    const isFine =
      list.length >= count &&
      list.slice(count).every((entry) => entry === null) &&
      list.every((entry) => entry === null || typeof entry === 'string');
    if (!isFine) this.fault(name, `must have ${String(count)} values, one for each dimension`);
    return isFine ? (list.slice(0, count) as (string | null)[]) : [];
  }

  private field(name: string): Json {
    const { value } = this;
    return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
      ? (value as Record<string, Json>)[name]
      : undefined;
  }

  private decimal(name: string, value: Json): Decimal {
    const read = readDecimal(value);
    if (read) return read;
    this.fault(name, 'must be a decimal number of at most 38 digits, 18 of them behind the point');
    return ONE;
  }

  private notNegative(name: string, value: Decimal): Decimal {
    if (!value.isNegative) return value;
    this.fault(name, 'must not be negative');
    return ONE;
  }
}

/** A decimal as JSON writes it, text or number; null for what is none or has more digits than a value may have. */
export function readDecimal(value: Json): Decimal | null {
  const text = typeof value === 'number' ? plainDigits(value) : value;
  return typeof text === 'string' ? parseDecimal(text) : null;
}

/** `1e-7` as `0.0000001`: the shortest digits that mean this number, without an exponent. */
function plainDigits(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', places = '', exponent = '0'] = match;
  const point = whole.length + Number(exponent);
  const digits = `${whole}${places}`;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return point >= digits.length
    ? `${sign}${digits.padEnd(point, '0')}`
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const ONE = parseDecimal('1') as Decimal;
