/** Nest TCP patterns that checkout answers. */
export const CHECKOUT_RPC = {
  /** CreateTopUp → TopUpCreated */
  createTopUp: 'topup.create',
  /** {payload: base64 of the raw body, signature: header} → {received: true}; throws invalid_signature. */
  stripeWebhook: 'stripe.webhook',
} as const;

export interface CreateTopUp {
  readonly organization_id: string;
  /** Minor units of `currency`. */
  readonly amount_minor: number;
  readonly currency: string;
  readonly success_url: string;
  readonly cancel_url: string;
  /** 8–255 characters, scoped to the organization, for ever. */
  readonly idempotency_key: string;
}

export interface TopUpCreated {
  readonly topup_id: string;
  readonly checkout_url: string;
  readonly replayed: boolean;
}
