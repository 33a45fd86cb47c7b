// Made by `npm run generate` from libs/contracts/src/errors.ts; do not edit.

/** Every code of the API: its coarse class, and whether the same request may be sent again. */
export const ERROR_CATALOGUE = {
  malformed_json: { type: 'invalid_request_error', repeat: false },
  malformed_request: { type: 'invalid_request_error', repeat: false },
  invalid_field: { type: 'invalid_request_error', repeat: false },
  unknown_field: { type: 'invalid_request_error', repeat: false },
  unsupported_currency: { type: 'invalid_request_error', repeat: false },
  invalid_signature: { type: 'invalid_request_error', repeat: false },
  request_timeout: { type: 'invalid_request_error', repeat: true },
  headers_too_large: { type: 'invalid_request_error', repeat: false },
  body_too_large: { type: 'invalid_request_error', repeat: false },
  unsupported_media_type: { type: 'invalid_request_error', repeat: false },
  missing_api_key: { type: 'authentication_error', repeat: false },
  invalid_api_key: { type: 'authentication_error', repeat: false },
  test_key: { type: 'permission_error', repeat: false },
  missing_scope: { type: 'permission_error', repeat: false },
  origin_not_allowed: { type: 'permission_error', repeat: false },
  forbidden: { type: 'permission_error', repeat: false },
  not_found: { type: 'not_found_error', repeat: false },
  unknown_route: { type: 'not_found_error', repeat: false },
  method_not_allowed: { type: 'invalid_request_error', repeat: false },
  idempotency_key_conflict: { type: 'conflict_error', repeat: false },
  idempotency_key_in_use: { type: 'conflict_error', repeat: true },
  conflict: { type: 'conflict_error', repeat: false },
  charge_id_conflict: { type: 'conflict_error', repeat: false },
  authorization_captured: { type: 'conflict_error', repeat: false },
  authorization_released: { type: 'conflict_error', repeat: false },
  hold_expired: { type: 'conflict_error', repeat: false },
  capture_exceeds_hold: { type: 'invalid_request_error', repeat: false },
  insufficient_funds: { type: 'payment_required_error', repeat: false },
  outbound_paused: { type: 'payment_required_error', repeat: false },
  refund_exceeds_unspent: { type: 'invalid_request_error', repeat: false },
  payment_declined: { type: 'payment_required_error', repeat: false },
  payment_action_required: { type: 'payment_required_error', repeat: false },
  payment_method_required: { type: 'payment_required_error', repeat: false },
  topup_not_parked: { type: 'conflict_error', repeat: false },
  topup_not_creditable: { type: 'invalid_request_error', repeat: false },
  rate_limited: { type: 'rate_limit_error', repeat: true },
  too_many_wrong_keys: { type: 'rate_limit_error', repeat: false },
  payment_provider_error: { type: 'unavailable_error', repeat: true },
  unavailable: { type: 'unavailable_error', repeat: true },
  timeout: { type: 'unavailable_error', repeat: true },
  internal: { type: 'internal_error', repeat: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'conflict_error'
  | 'payment_required_error'
  | 'rate_limit_error'
  | 'unavailable_error'
  | 'internal_error';
