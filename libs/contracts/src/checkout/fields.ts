import { integer, text, type Shape, type ShapeNotes } from '../schema/shape.js';

/** Stripe's own limit of one payment: eight digits of minor units. */
export const PAYMENT_MINOR_MAX = 99_999_999;

/** Of operations behind which Stripe is asked; it may take several seconds. */
export const AT_STRIPE = { timeoutMs: 15_000 } as const;

/** An amount of one payment, in minor units. What each currency takes at least, the service knows. */
export const paymentMinor = (notes: ShapeNotes = {}): Shape<number> =>
  integer({ minimum: 1, maximum: PAYMENT_MINOR_MAX, ...notes });

/** Visible ASCII, as the header may carry it. */
export const IDEMPOTENCY_KEY_PATTERN = '^[!-~]{8,255}$';

/** Scoped to the organization, for ever. */
export const idempotencyKey = text({
  pattern: IDEMPOTENCY_KEY_PATTERN,
  says: 'has 8 to 255 visible ASCII characters',
  param: 'Idempotency-Key',
});

/** Rows of one page. */
export const pageLimit = integer({ minimum: 1, maximum: 100, default: 30 });

/** A browser is sent there: http or https, without credentials. */
export const webAddress = (notes: ShapeNotes = {}): Shape<string> =>
  text({ format: 'http-url', says: 'is an absolute http or https URL', ...notes });
