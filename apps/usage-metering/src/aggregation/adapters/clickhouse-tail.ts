import { Decimal } from '@orbit/pricing';
import type { CountedEvent } from '../../metrics/domain/compile.js';
import { hashOfValue } from '../../metrics/domain/tally.js';
import { toNumber, toText } from '../../metrics/domain/values.js';
import type { RolledGroup, RolledRange, RolledValue } from '../application/ports.js';
import type { CopiedLeaf } from '../domain/copied-rows.js';

/** The windows that hold an instant. */
export const windowsOf = (ranges: readonly RolledRange[], atMs: number): readonly number[] =>
  ranges.flatMap(({ window, fromMs, toMs }) => (atMs >= fromMs && atMs < toMs ? [window] : []));

/** One event as a group of its own; null where the leaf leaves it out. */
export function groupOfEvent(
  { id, leaf, compiled }: CopiedLeaf,
  event: CountedEvent,
): Omit<RolledGroup, 'window'> | null {
  if (!compiled.passes(event)) return null;
  const value = compiled.valueOf(event);
  const isNumber = leaf.kind !== 'count' && leaf.kind !== 'count_distinct';
  const number = isNumber ? toNumber(value) : null;
  const atMs = event.timestampMs;
  return {
    leafId: id,
    values: compiled.groupOf(event),
    eventCount: 1,
    count: (isNumber ? number : value) === null ? 0 : 1,
    sum: number ?? Decimal.ZERO,
    moment: number?.times(Decimal.of(atMs)) ?? Decimal.ZERO,
    ...{ min: number, max: number },
    latest: number && { atMs, key: event.idempotencyKey, value: number },
    fingerprint: BigInt(`0x${event.fingerprint}`),
    isDirty: false,
  };
}

/** The value that one event adds to COUNT(DISTINCT …) or to a percentile; null: nothing. */
export function valueOfEvent(
  { id, leaf, compiled }: CopiedLeaf,
  event: CountedEvent,
): Omit<RolledValue, 'window'> | null {
  if (!compiled.passes(event)) return null;
  const value = compiled.valueOf(event);
  const at = { leafId: id, values: compiled.groupOf(event), count: 1 };
  if (leaf.kind === 'count_distinct') {
    const text = toText(value);
    return text === null ? null : { ...at, hash: hashOfValue(text), number: null };
  }
  if (!leaf.kind.startsWith('percentile')) return null;
  const number = toNumber(value);
  return number && { ...at, hash: '', number };
}
