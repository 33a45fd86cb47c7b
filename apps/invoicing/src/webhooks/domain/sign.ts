import { createHmac } from 'node:crypto';

/** The prefix of a new secret; the rest is base64, so that receivers of Standard Webhooks can decode it. */
export const SECRET_PREFIX = 'whsec_';

/**
 * Headers that prove where a body comes from, in both forms that receivers check: Orb's own (over
 * `v1:<timestamp>:<body>`, keyed by the secret as text) and Standard Webhooks (over `<id>.<seconds>.<body>`, keyed by
 * the decoded secret). `nowMs` is real time: receivers refuse what is older than five minutes.
 */
export function signatureHeaders(
  secret: string,
  deliveryId: string,
  body: string,
  nowMs: number,
): Record<string, string> {
  // Orb's clients read an instant without a zone as UTC.
  const timestamp = new Date(nowMs).toISOString().slice(0, -1);
  const seconds = String(Math.floor(nowMs / 1_000));
  const orb = createHmac('sha256', secret).update(`v1:${timestamp}:${body}`).digest('hex');
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  const standard = createHmac('sha256', key)
    .update(`${deliveryId}.${seconds}.${body}`)
    .digest('base64');
  return {
    'x-orb-timestamp': timestamp,
    'x-orb-signature': `v1=${orb}`,
    'webhook-id': deliveryId,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${standard}`,
  };
}
