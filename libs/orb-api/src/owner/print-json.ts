/** A number of the contract that a double may not hold: printed with all its digits. */
export class ExactNumber {
  constructor(
    /** A JSON number without exponent. */
    readonly text: string,
  ) {}
}

/** As `JSON.stringify`, with every ExactNumber as a bare literal. */
export function printJson(value: unknown): string {
  if (value instanceof ExactNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map((one) => printJson(one ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null || 'toJSON' in value) {
    return JSON.stringify(value) ?? 'null';
  }
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${JSON.stringify(name)}:${printJson(field)}`);
  return `{${fields.join(',')}}`;
}
