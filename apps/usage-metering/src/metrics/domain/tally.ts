import { Decimal } from '@orbit/pricing';
import { createHash } from 'node:crypto';
import type { AggregateKind } from './expression.js';
import { QUOTIENT_PLACES, toNumber, toText, type Value } from './values.js';

/** Half open, as instants. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** As COUNT(DISTINCT …) distinguishes values: 32 hexadecimal digits. */
export const hashOfValue = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 32);

/** The state that a store keeps of counted events. */
export interface RolledTally {
  readonly count: number;
  readonly sum: Decimal;
  /** Σ value × instant, for the weighted sum. */
  readonly moment: Decimal;
  readonly min: Decimal | null;
  readonly max: Decimal | null;
  readonly latest: Latest | null;
}

/** Of events at one instant the one with the greater key counts, so that their order never matters. */
export interface Latest {
  readonly atMs: number;
  readonly key: string;
  readonly value: Decimal;
}

export const isLater = (offered: Latest, known: Latest | null): boolean =>
  !known || offered.atMs > known.atMs || (offered.atMs === known.atMs && offered.key > known.key);

/**
 * Where the counting of one aggregate stands. Events may come in any order and in parts: what comes out depends on the
 * set of them alone.
 */
export class Tally {
  private count = 0;
  private sum = Decimal.ZERO;
  private moment = Decimal.ZERO;
  private min: Decimal | null = null;
  private max: Decimal | null = null;
  private latest: Latest | null = null;
  private readonly distinct = new Set<string>();
  /** Values of a percentile by their text, and how often each occurs. */
  private readonly values = new Map<string, { readonly value: Decimal; count: number }>();

  constructor(
    private readonly kind: AggregateKind,
    private readonly fraction: string | null = null,
  ) {}

  /** `value` is null where the event does not count; for COUNT(*) any other value. */
  add(value: Value, atMs: number, key: string): void {
    if (this.kind === 'count') {
      if (value !== null) this.count++;
      return;
    }
    if (this.kind === 'count_distinct') {
      const text = toText(value);
      if (text !== null) this.distinct.add(hashOfValue(text));
      return;
    }
    const number = toNumber(value);
    if (number) this.addNumber(number, atMs, key);
  }

  private addNumber(number: Decimal, atMs: number, key: string): void {
    this.count++;
    switch (this.kind) {
      case 'min':
        this.min = this.min ? this.min.min(number) : number;
        return;
      case 'max':
        this.max = this.max ? this.max.max(number) : number;
        return;
      case 'latest':
        this.addLatest({ atMs, key, value: number });
        return;
      case 'percentile_cont':
      case 'percentile_disc':
        this.addValue(number, 1);
        return;
      default:
        this.sum = this.sum.plus(number);
        if (this.kind === 'weighted_sum') {
          this.moment = this.moment.plus(number.times(Decimal.of(atMs)));
        }
    }
  }

  private addLatest(offered: Latest): void {
    if (isLater(offered, this.latest)) this.latest = offered;
  }

  addRolled({ count, sum, moment, min, max, latest }: RolledTally): void {
    this.count += count;
    this.sum = this.sum.plus(sum);
    this.moment = this.moment.plus(moment);
    if (latest) this.addLatest(latest);
    if (min) this.min = this.min ? this.min.min(min) : min;
    if (max) this.max = this.max ? this.max.max(max) : max;
  }

  addDistinct(hashes: Iterable<string>): void {
    for (const hash of hashes) this.distinct.add(hash);
  }

  addValue(value: Decimal, count: number): void {
    const key = String(value);
    const known = this.values.get(key);
    if (known) known.count += count;
    else this.values.set(key, { value, count });
  }

  /** Takes in what another tally of the same aggregate has counted of other events. */
  merge(other: Tally): void {
    const { count, sum, moment, min, max, latest } = other;
    this.addRolled({ count, sum, moment, min, max, latest });
    this.addDistinct(other.distinct);
    for (const each of other.values.values()) this.addValue(each.value, each.count);
  }

  /** Null where nothing counted and SQL would say null: MIN of no rows. */
  result(window: Window): Decimal | null {
    const count = Decimal.of(this.count);
    switch (this.kind) {
      case 'count':
        return count;
      case 'count_distinct':
        return Decimal.of(this.distinct.size);
      case 'sum':
        return this.count === 0 ? null : this.sum;
      case 'avg':
        return this.count === 0 ? null : this.sum.dividedBy(count, QUOTIENT_PLACES);
      case 'min':
        return this.min;
      case 'max':
        return this.max;
      case 'latest':
        return this.latest?.value ?? null;
      case 'weighted_sum':
        return this.count === 0 ? null : this.weighted(window);
      default:
        return this.percentile();
    }
  }

  /** Each value weighs the part of the window that is left after it. */
  private weighted({ fromMs, toMs }: Window): Decimal {
    if (toMs <= fromMs) return Decimal.ZERO;
    const area = this.sum.times(Decimal.of(toMs)).minus(this.moment);
    return area.dividedBy(Decimal.of(toMs - fromMs), QUOTIENT_PLACES);
  }

  private percentile(): Decimal | null {
    const sorted = [...this.values.values()].sort((a, b) => a.value.compare(b.value));
    const total = sorted.reduce((sum, { count }) => sum + count, 0);
    if (total === 0) return null;
    const [whole = '0', places = ''] = (this.fraction ?? '0').split('.');
    const part = Decimal.scaled(BigInt(`${whole}${places}`), places.length);
    const isContinuous = this.kind === 'percentile_cont';
    const position = part.times(Decimal.of(total - (isContinuous ? 1 : 0)));
    const unit = 10n ** BigInt(position.scale);
    const at = Number(position.digits / unit);
    const rest = Decimal.scaled(position.digits % unit, position.scale);
    if (!isContinuous) return valueAt(sorted, Math.max(0, rest.isZero ? at - 1 : at));
    const low = valueAt(sorted, at) ?? Decimal.ZERO;
    const high = valueAt(sorted, at + 1) ?? low;
    return low.plus(high.minus(low).times(rest));
  }
}

/** The value at a place of the list in which each stands as often as it occurs; null past its end. */
function valueAt(
  sorted: readonly { readonly value: Decimal; readonly count: number }[],
  place: number,
): Decimal | null {
  let left = place;
  for (const { value, count } of sorted) {
    if (left < count) return value;
    left -= count;
  }
  return null;
}
