import { createHmac } from 'node:crypto';

/** Stripe's header: `t=<seconds>,v1=<hex HMAC-SHA256 of "<seconds>.<raw body>">`. */
export function signWebhook(rawBody: string, secret: string, nowSeconds: number): string {
  const digest = createHmac('sha256', secret)
    .update(`${nowSeconds}.${rawBody}`, 'utf8')
    .digest('hex');
  return `t=${nowSeconds},v1=${digest}`;
}
