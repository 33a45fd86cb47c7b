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
