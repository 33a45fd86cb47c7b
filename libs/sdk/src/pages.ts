import { OrbitError } from './errors.js';

/** An answer that may have a next page: the API names it in `meta.pagination`, or beside the items. */
interface Page {
  readonly data: unknown;
  readonly meta?: {
    readonly pagination?: { readonly cursor?: string | null; readonly has_more?: boolean };
  };
}

interface Cursors {
  readonly has_more?: boolean;
  readonly cursor?: string | null;
  readonly next_cursor?:
    string | { readonly cursor_ts?: string; readonly cursor_id?: string } | null;
}

/** The list in an answer: `data` itself, or the one list inside of it. */
export type ItemOf<P> = P extends { readonly data: readonly (infer Item)[] }
  ? Item
  : P extends { readonly data: infer Data }
    ? { [K in keyof Data]: Data[K] extends readonly (infer Item)[] ? Item : never }[keyof Data]
    : never;

/**
 * Every item of a list, page after page, as it is asked for:
 * `for await (const t of orbit.pages((page) => orbit.billing.listTransactions(page))) …`
 */
export async function* pages<P extends { readonly data: unknown }>(
  list: (page: { cursor?: string; cursor_ts?: string; cursor_id?: string }) => Promise<P>,
): AsyncGenerator<ItemOf<P>, void, undefined> {
  let next: Record<string, string> | null = {};
  while (next !== null) {
    const page: Page = await list(next);
    for (const item of itemsOf(page.data)) yield item as ItemOf<P>;
    const following = nextOf(page);
    // Better an error than a list that ends early, or never.
    if (following !== null && JSON.stringify(following) === JSON.stringify(next))
      throw new OrbitError('The list has more, but its cursor does not lead on.');
    next = following;
  }
}

function itemsOf(data: unknown): readonly unknown[] {
  if (Array.isArray(data)) return data;
  const lists = Object.values((data ?? {}) as Record<string, unknown>).filter(Array.isArray);
  return (lists[0] as readonly unknown[] | undefined) ?? [];
}

function nextOf({ data, meta }: Page): Record<string, string> | null {
  const beside = (Array.isArray(data) ? {} : (data ?? {})) as Cursors;
  const { cursor, has_more: hasMore } = meta?.pagination ?? beside;
  if (!hasMore) return null;
  if (typeof cursor === 'string') return { cursor };
  const { next_cursor: nextCursor } = beside;
  if (typeof nextCursor === 'string') return { cursor: nextCursor };
  if (!nextCursor?.cursor_id) return {};
  return {
    cursor_id: nextCursor.cursor_id,
    ...(nextCursor.cursor_ts === undefined ? {} : { cursor_ts: nextCursor.cursor_ts }),
  };
}
