/** Faults that a developer switches on; kept in memory, so a restart clears them. */
export interface Faults {
  /** Every new delivery waits this long first. */
  readonly webhookDelayMs: number;
  /** Every new delivery waits up to so much more, each by its own lot: order is lost across requests too. */
  readonly webhookJitterMs: number;
  /** Every event is delivered this many times more than once. */
  readonly webhookDuplicates: number;
  /** This many of the next deliveries are never sent; -1 drops all until switched off. */
  readonly webhookDrops: number;
  /** Events of one request arrive last one first. */
  readonly webhookReorder: boolean;
  /** Webhook faults strike these types only; empty: all. `charge.*` is a group. */
  readonly webhookTypes: readonly string[];
  readonly nextError: NextError | null;
  /** How long bank debits take: null as their account says, -1 until they are ended by hand. */
  readonly debitWaitMs: number | null;
  readonly nextRefund: NextRefund | null;
}

/** The next `count` API requests fail so; `after: true` carries them out first and loses the answer. */
export interface NextError {
  /** HTTP status; 0 closes the connection without an answer. */
  readonly status: number;
  readonly code: string | null;
  readonly count: number;
  readonly after: boolean;
  /** The failure comes so late: longer than the caller waits, it is a timeout. */
  readonly delayMs: number;
  /** Strikes only requests whose path begins so; null: all. */
  readonly path: string | null;
  /** Strikes only this HTTP method; null: all. */
  readonly method: string | null;
}

/** The next `count` refunds begin as `pending` and end as `outcome`. */
export interface NextRefund {
  readonly outcome: 'succeeded' | 'failed';
  readonly count: number;
  /** When they end by themselves; -1 until they are ended by hand. */
  readonly waitMs: number;
}

export const NO_FAULTS: Faults = {
  webhookDelayMs: 0,
  webhookJitterMs: 0,
  webhookDuplicates: 0,
  webhookDrops: 0,
  webhookReorder: false,
  webhookTypes: [],
  nextError: null,
  debitWaitMs: null,
  nextRefund: null,
};

export interface FaultyRequest {
  readonly method: string;
  readonly path: string;
}

/** The failure that this request is to meet, and the faults that are left. */
export function takeError(
  faults: Faults,
  request: FaultyRequest,
): { readonly error: NextError | null; readonly left: Faults } {
  const { nextError } = faults;
  const isMeant =
    nextError !== null &&
    (nextError.path === null || request.path.startsWith(nextError.path)) &&
    (nextError.method === null || request.method === nextError.method);
  if (!isMeant) return { error: null, left: faults };
  const count = nextError.count - 1;
  const left = { ...faults, nextError: count > 0 ? { ...nextError, count } : null };
  return { error: nextError, left };
}

/** Whether a list of event types names this one: exactly, `*`, or its group (`invoice.*`). */
export function namesType(names: readonly string[], type: string): boolean {
  return names.some(
    (name) =>
      name === '*' || name === type || (name.endsWith('.*') && type.startsWith(name.slice(0, -1))),
  );
}

export const strikes = (faults: Faults, type: string): boolean =>
  faults.webhookTypes.length === 0 || namesType(faults.webhookTypes, type);

/** Distance between reordered events: far enough that the order on the wire is really turned round. */
const REORDER_STEP_MS = 250;

/** How long event `index` of `count` events of one request waits before its first delivery. */
export function firstDelayMs(
  faults: Faults,
  event: { readonly type: string; readonly index: number; readonly count: number },
  random: number,
): number {
  if (!strikes(faults, event.type)) return 0;
  const turned = faults.webhookReorder ? (event.count - 1 - event.index) * REORDER_STEP_MS : 0;
  return faults.webhookDelayMs + turned + Math.floor(faults.webhookJitterMs * random);
}
