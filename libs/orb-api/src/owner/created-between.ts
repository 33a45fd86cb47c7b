import { isStorableInstant } from '@orbit/kernel';

/** Bounds of `created_at`; null: open. */
export interface CreatedBetween {
  readonly gte: Date | null;
  readonly gt: Date | null;
  readonly lt: Date | null;
  readonly lte: Date | null;
}

const BOUNDS = ['gte', 'gt', 'lt', 'lte'] as const;
const HAS_ZONE = /(Z|z|[+-]\d{2}:?\d{2})$/;

/** Reads `created_at[gte]` and its like, or those of another `field`. What has no zone is civil time in `timezone`, a day its midnight. */
export function createdBetween(
  query: Readonly<Record<string, unknown>>,
  timezone: string,
  field = 'created_at',
): CreatedBetween | { readonly fault: string } {
  const read: Record<string, Date | null> = {};
  for (const bound of BOUNDS) {
    const name = `${field}[${bound}]`;
    const text = query[name];
    if (typeof text !== 'string') {
      read[bound] = null;
      continue;
    }
    const ms = instantIn(text, timezone);
    if (!isStorableInstant(ms)) return { fault: `${name} is an instant of the years 1 to 9999` };
    read[bound] = new Date(ms);
  }
  return read as unknown as CreatedBetween;
}

/** An instant as the contract writes it; civil time where it names no zone, a day its midnight. NaN where there is none. */
export function instantIn(text: string, timezone: string): number {
  const [day = '', time = '00:00'] = text.split(/[Tt ]/);
  if (HAS_ZONE.test(time)) {
    return Date.parse(`${day}T${time.replace(/([+-]\d{2})(\d{2})$/, '$1:$2').toUpperCase()}`);
  }
  const asUtcMs = Date.parse(`${day}T${time}Z`);
  if (Number.isNaN(asUtcMs)) return asUtcMs;
  // Twice: the first guess may lie on the other side of a change of the clocks.
  const guessMs = asUtcMs - offsetMs(asUtcMs, timezone);
  return asUtcMs - offsetMs(guessMs, timezone);
}

/** How far civil time in this zone is ahead of UTC at an instant. */
function offsetMs(ms: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric' },
    ...{ day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(ms);
  const number = (type: string): number =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  const civil = new Date(0);
  civil.setUTCFullYear(number('year'), number('month') - 1, number('day'));
  civil.setUTCHours(number('hour'), number('minute'), number('second'));
  return civil.getTime() - Math.floor(ms / 1_000) * 1_000;
}
