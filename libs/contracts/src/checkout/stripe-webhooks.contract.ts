import { operation } from '../schema/operation.js';
import { flag, object, text } from '../schema/shape.js';
import { AT_STRIPE } from './fields.js';

const signed = { code: 'invalid_signature', says: 'is missing' } as const;

/** Events that Stripe sends; checkout alone knows the signing secret. */
export const STRIPE_WEBHOOKS = {
  receive: operation(
    'stripe.webhook',
    object({
      /** Base64 keeps the bytes that Stripe signed as they came. */
      payload: text(signed),
      signature: text(signed),
    }),
    object({ received: flag() }),
    ['invalid_signature'],
    AT_STRIPE,
  ),
} as const;
