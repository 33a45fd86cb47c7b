import { ERROR_CATALOGUE, OrbitError, type OrbAnswer } from '@orbit/contracts';
import { ORB_ERRORS, problemOf, type OrbProblem, type OrbRefusal } from '@orbit/orb-api';

/** A refusal as an answer. */
export function refused(refusal: OrbRefusal): OrbAnswer {
  return { status: ORB_ERRORS[refusal.code][0], body: JSON.stringify(problemOf(refusal)) };
}

/** A request that cannot be read or does not fit the contract; one sentence a fault. */
export const invalid = (faults: readonly string[]): OrbRefusal => ({
  code: 'request_validation_errors',
  detail: faults.join('; '),
  validationErrors: faults,
});

const BY_STATUS: Readonly<Record<number, OrbRefusal>> = {
  413: { code: 'request_too_large', detail: 'The body is larger than 1 MiB.' },
  415: invalid(['Send the body as JSON with Content-Type: application/json.']),
};

/** The refusal that a caller gets for a fault on the way to an operation; null: a fault of ours. */
export function refusalOf(fault: unknown): OrbRefusal | null {
  if (!(fault instanceof OrbitError)) {
    const { statusCode = 500 } = fault as { readonly statusCode?: number };
    if (statusCode >= 500) return null;
    return BY_STATUS[statusCode] ?? invalid(['The request cannot be read.']);
  }
  switch (fault.code) {
    case 'not_found':
      return { code: 'resource_not_found', detail: 'Nothing has this id.' };
    case 'unknown_route':
      return { code: 'url_not_found', detail: 'There is no such path.' };
    case 'body_too_large':
      return BY_STATUS[413] ?? null;
    default:
      return ERROR_CATALOGUE[fault.code].status < 500 ? invalid([fault.message]) : null;
  }
}

/** The contract has one status for all of this; the SDKs repeat it. */
export const OUR_FAULT: OrbRefusal = {
  code: 'internal_server_error',
  detail: 'Something went wrong on our side. Report the request id.',
};
export const AWAY: OrbRefusal = {
  code: 'internal_server_error',
  detail: 'A part of the system is temporarily unavailable. Repeat the request with the same key.',
};

/** Of a path that cannot even be decoded. */
export const noSuchOrbPath = (): OrbProblem =>
  problemOf({ code: 'url_not_found', detail: 'There is no such path.' });
