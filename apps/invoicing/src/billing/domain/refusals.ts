import { notFound, type OrbRefusal } from '@orbit/orb-api';

/** Either what was asked for, or why not. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: OrbRefusal };

export const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
const no = <T>(refusal: OrbRefusal): Outcome<T> => ({ ok: false, refusal });

/** A rule of the state is broken. */
export const against = <T>(detail: string): Outcome<T> =>
  no({ code: 'constraint_violation', detail });

/** A field of the request is wrong; the sentence begins with its name. */
export const wrong = <T>(detail: string): Outcome<T> =>
  no({ code: 'request_validation_errors', detail, validationErrors: [detail] });

export const absent = <T>(resource: string, id: string): Outcome<T> => no(notFound(resource, id));

/** Part of the contract that is not served yet: refused, never left out in silence. */
export const notBuilt = <T>(what: string): Outcome<T> =>
  no({ code: 'feature_not_available', detail: `${what} is not built yet.` });

/** Fields of a new subscription or plan change that would change what it costs. */
const NOT_BUILT = [
  ...['add_prices', 'remove_prices', 'replace_prices', 'price_overrides'],
  ...['add_adjustments', 'remove_adjustments', 'replace_adjustments'],
  ...['coupon_redemption_code', 'invoicing_threshold', 'usage_customer_ids', 'filter'],
  ...['per_credit_overage_amount', 'credits_overage_rate'],
];

/** The first field of a request that asks for what is not built; null: it asks for none. */
export const notBuiltIn = (body: Readonly<Record<string, unknown>>): string | null =>
  NOT_BUILT.find((field) => {
    const value = body[field] ?? null;
    return value !== null && !(Array.isArray(value) && value.length === 0);
  }) ?? null;
