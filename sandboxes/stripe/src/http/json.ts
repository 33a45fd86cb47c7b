/** A value as it stands in a Stripe answer. Amounts are integers of minor units, as on Stripe's wire. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
// An optional property of an object type counts as a possibly undefined one; JSON leaves it out.
export type JsonObject = { readonly [key: string]: JsonValue | undefined };
export type Metadata = { readonly [key: string]: string };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
