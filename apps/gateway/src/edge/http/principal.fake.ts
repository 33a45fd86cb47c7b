import type { Principal } from '../ports.js';

/** Whoever asks in the specs of use cases. */
export const PRINCIPAL = {
  organizationId: 'org_a',
  keyId: 'key_a',
  mode: 'live',
  accountMode: 'live',
  currency: 'USD',
  scopes: ['read', 'spend', 'manage'],
  expiresAtMs: null,
} as const satisfies Principal;
