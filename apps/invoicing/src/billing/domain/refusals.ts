import { notFound, type OrbRefusal } from '@orbit/orb-api';

/** Either what was asked for, or why not. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: OrbRefusal };

export const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
const no = <T>(refusal: OrbRefusal): Outcome<T> => ({ ok: false, refusal });

/** A rule of the state is broken. */
export const against = <T>(detail: string): Outcome<T> =>
  no({ code: 'constraint_violation', detail });

/** Of an invoice that Stripe made. */
export const BILLED_BY_STRIPE =
  'The invoice is billed by Stripe, which alone issues, collects and voids it.';

/** A field of the request is wrong; the sentence begins with its name. */
export const wrong = <T>(detail: string): Outcome<T> =>
  no({ code: 'request_validation_errors', detail, validationErrors: [detail] });

export const absent = <T>(resource: string, id: string): Outcome<T> => no(notFound(resource, id));

/** Part of the contract that is not served yet: refused, never left out in silence. */
export const notBuilt = <T>(what: string): Outcome<T> =>
  no({ code: 'feature_not_available', detail: `${what} is not built yet.` });

/** Fields of a subscription that would change what it costs or who collects it. */
const NOT_BUILT = [...['external_marketplace', 'external_marketplace_reporting_id', 'aws_region']];

/** Of entries of its lists. */
const NOT_BUILT_INSIDE = ['metric_parameter_overrides'];
const LISTS = ['add_prices', 'replace_prices', 'add', 'edit'];

/** The first field of a request that asks for what is not built; null: it asks for none. */
export function notBuiltIn(body: Readonly<Record<string, unknown>>): string | null {
  const isAsked = (value: unknown): boolean => (value ?? null) !== null;
  const field = NOT_BUILT.find((name) => isAsked(body[name]));
  if (field !== undefined) return field;
  for (const list of LISTS) {
    const entries = (body[list] ?? []) as readonly Readonly<Record<string, unknown>>[];
    for (const [index, entry] of entries.entries()) {
      const inner = NOT_BUILT_INSIDE.find((name) => isAsked(entry[name]));
      if (inner !== undefined) return `${list}[${String(index)}].${inner}`;
    }
  }
  return null;
}
