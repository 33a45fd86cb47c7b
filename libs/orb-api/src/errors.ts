/** Every error type of the contract: its status, the fragment of its `type` URI and its title. */
export const ORB_ERRORS = {
  constraint_violation: [400, '400-constraint-violation', 'Constraint violation'],
  duplicate_resource_creation: [400, '400-duplicate-resource-creation', 'Duplicate resource'],
  request_validation_errors: [400, '400-request-validation-errors', 'Request validation errors'],
  // The fragment says 404; the contract and the SDKs say status 400.
  feature_not_available: [400, '404-feature-not-available', 'Feature not available'],
  authentication_error: [401, '401-authentication-error', 'Authentication error'],
  resource_not_found: [404, '404-resource-not-found', 'A specified resource was not found.'],
  url_not_found: [404, '404-url-not-found', 'The requested URL was not found.'],
  resource_conflict: [409, '409-resource-conflict', 'Resource conflict'],
  request_too_large: [413, '413-request-too-large', 'Request too large'],
  resource_too_large: [413, '413-resource-too-large', 'Resource too large'],
  too_many_results: [413, '413-too-many-results', 'Too many results'],
  too_many_requests: [429, '429-too-many-requests', 'Too many requests'],
  internal_server_error: [500, '500-internal-server-error', 'Internal server error'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type OrbErrorCode = keyof typeof ORB_ERRORS;

const TYPE_BASE = 'https://docs.withorb.com/reference/error-responses#';

/** A refusal as the owner of an operation answers it. `detail` says what to do. */
export interface OrbRefusal {
  readonly code: OrbErrorCode;
  readonly detail: string;
  /** For `request_validation_errors`: one sentence a field; for ingest one object an event. */
  readonly validationErrors?: readonly unknown[];
}

/** The body of an error (RFC 7807). */
export interface OrbProblem {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly validation_errors?: readonly unknown[];
}

export function problemOf({ code, detail, validationErrors }: OrbRefusal): OrbProblem {
  const [status, fragment, title] = ORB_ERRORS[code];
  const common = { type: `${TYPE_BASE}${fragment}`, status, title, detail };
  return code === 'request_validation_errors'
    ? { ...common, validation_errors: validationErrors ?? [detail] }
    : common;
}

/** `resource_not_found` names what was looked for. */
export const notFound = (resource: string, id: string): OrbRefusal => ({
  code: 'resource_not_found',
  detail: `There is no ${resource} with id ${JSON.stringify(id)}.`,
});
