/** A JSON Schema document (draft 2020-12 subset that Ajv compiles in strict mode). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Caller-made ids: 1–255 visible ASCII characters, and neither `.` nor `..`: they stand in paths, where every client
 * and proxy takes those two for folders and leaves them out, escaped or not.
 */
export const CHARGE_ID_PATTERN = '^(?!\\.{1,2}$)[!-~]{1,255}$';
/** Of what is in the books already, whatever callers may name a charge today. */
export const BOOKED_CHARGE_ID_PATTERN = '^[!-~]{1,255}$';
export const CHANNEL_PATTERN = '^[a-z][a-z0-9_-]{0,63}$';
/** The name of a price of the rate card. */
export const PRICE_NAME_PATTERN = '^[a-z][a-z0-9_.-]{0,63}$';
/** The operator's upstream cost: a decimal string, finer than micros. */
export const COST_PATTERN = '^(?:0|[1-9]\\d{0,9})(?:\\.\\d{1,18})?$';
export const METADATA_KEYS_MAX = 50;

/** Positive decimal string with at most six decimals; the ledger checks the maximum. */
export const positiveAmount = {
  type: 'string',
  pattern: '^(?!0+(\\.0+)?$)\\d{1,10}(\\.\\d{1,6})?$',
} as const;
export const signedAmount = { type: 'string', pattern: '^-?\\d{1,13}(\\.\\d{1,6})?$' } as const;
export const currency = { type: 'string', pattern: '^([A-Z]{3}|[a-z][a-z0-9_]{3,31})$' } as const;
export const organizationId = { type: 'string', minLength: 1, maxLength: 64 } as const;
export const text = { type: 'string', minLength: 1, maxLength: 512 } as const;
export const sequence = { type: 'string', pattern: '^\\d{1,19}$' } as const;
export const quantity = { type: 'integer', minimum: 1, maximum: 1_000_000_000 } as const;
/** Days that the calendar has: JavaScript alone would take February 30th for March 2nd, and charge another month. */
const DAY =
  '(2\\d{3}-((0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])|(0[469]|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-8]))|2([048]00|\\d(0[48]|[2468][048]|[13579][26]))-02-29)';
/** A zone moves the first and the last hours of the millennium out of it, and values are passed on in UTC. */
const IN_UTC_TOO = '(?!2000-01-01T.*\\+|2999-12-31T.*-\\d\\d:)';
/** Of this millennium: usage of the year 1 or 9999 is a fault of its sender, and would count in no period. */
export const INSTANT_PATTERN = `^${IN_UTC_TOO}${DAY}T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$`;
export const instant = { type: 'string', pattern: INSTANT_PATTERN } as const;
export const metadata = {
  type: 'object',
  maxProperties: METADATA_KEYS_MAX,
  additionalProperties: {
    anyOf: [
      { type: 'string', maxLength: 1024 },
      { type: 'number' },
      { type: 'boolean' },
      { type: 'null' },
    ],
  },
} as const;

/** As callers write it; facts carry what was taken when it had no such rule. */
export const requestedMetadata = {
  ...metadata,
  propertyNames: { type: 'string', minLength: 1 },
} as const;

/** `schema` or null, without a union type keyword (Ajv strict mode). */
export const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });

/** A closed object; `optional` names properties that may be absent. Consumers ignore nothing silently. */
export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
): JsonSchema {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    additionalProperties: false,
  };
}
