import { Prisma } from '@orbit/persistence';
import type { Page, PageQuery } from './ports.js';

/** Above every sequence number: a list without a cursor starts at the newest. */
export const SEQ_MAX = 9_223_372_036_854_775_807n;
const FAR_FUTURE_SECONDS = 4_102_444_800;

/** Endpoints that have not taken event `e` yet and still will be asked. */
export const PENDING_COUNT = Prisma.sql`(
  SELECT count(DISTINCT coalesce(d.endpoint_id, ''))::integer FROM stripe_sandbox.webhook_delivery d
  WHERE d.event_id = e.id AND d.status = 'pending')`;

/** Stripe's `created` bounds as a half-open range of whole seconds. */
export function createdRange(query: PageQuery): { readonly from: Date; readonly to: Date } {
  const { gt, gte, lt, lte } = query.created ?? {};
  const from = Math.max(gte ?? 0, gt === undefined ? 0 : gt + 1);
  const to = Math.min(lt ?? FAR_FUTURE_SECONDS, lte === undefined ? FAR_FUTURE_SECONDS : lte + 1);
  return { from: new Date(Math.min(from, FAR_FUTURE_SECONDS) * 1_000), to: new Date(to * 1_000) };
}

/** One row more was read than asked for: it says whether there are more. Always newest first. */
export function cut<T>(rows: readonly T[], limit: number, isBackwards: boolean): Page<T> {
  const data = rows.slice(0, limit);
  return { data: isBackwards ? data.reverse() : data, hasMore: rows.length > limit };
}
