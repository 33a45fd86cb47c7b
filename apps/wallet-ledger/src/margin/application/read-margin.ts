import { unknownCursor, type MarginPage, type MarginQuery, type MarginRow } from '@orbit/contracts';

/** Where a page ends. */
export interface MarginPlace {
  readonly key: string | null;
  readonly currency: string;
}

/** Errors: the database's own. */
export interface Margins {
  /** Ordered by key, none last, then currency. */
  read(
    query: Omit<MarginQuery, 'after'> & { readonly after: MarginPlace | null },
  ): Promise<readonly MarginRow[]>;
}

/** Revenue, cost and what lies between them, out of the books. */
export class ReadMargin {
  constructor(private readonly margins: Margins) {}

  /** Errors: invalid_field: `after` is none of ours. */
  async run({ after, ...query }: MarginQuery): Promise<MarginPage> {
    const place = after === undefined ? null : readPlace(after);
    const found = await this.margins.read({ ...query, limit: query.limit + 1, after: place });
    const rows = found.slice(0, query.limit);
    const last = rows.at(-1);
    const next = found.length > query.limit && last ? placeText(last) : null;
    return { rows, next };
  }
}

const placeText = ({ key, currency }: MarginPlace): string =>
  Buffer.from(JSON.stringify([key, currency])).toString('base64url');

function readPlace(text: string): MarginPlace {
  try {
    const [key, currency, ...rest] = JSON.parse(
      Buffer.from(text, 'base64url').toString(),
    ) as unknown[];
    const isKey = key === null || typeof key === 'string';
    if (isKey && typeof currency === 'string' && rest.length === 0) return { key, currency };
  } catch {
    // Not of ours: refused below.
  }
  throw unknownCursor();
}
