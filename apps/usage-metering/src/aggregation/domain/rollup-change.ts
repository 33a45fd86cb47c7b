import { Decimal } from '@orbit/pricing';
import type { CompiledLeaf, Leaf } from '../../metrics/domain/counting.js';
import type { CountedEvent } from '../../metrics/domain/compile.js';
import { hashOfValue } from '../../metrics/domain/tally.js';
import { toNumber, toText } from '../../metrics/domain/values.js';
import { bucketOf, HOUR_MS } from './buckets.js';
import { groupHash } from './rolled-leaves.js';

/** A leaf that is rolled up for a customer from an instant on. */
export interface FollowedLeaf {
  readonly id: string;
  readonly leaf: Leaf;
  readonly compiled: CompiledLeaf;
  readonly fromMs: number;
}

/** How one bucket of one group changes. */
export interface BucketChange {
  readonly leafId: string;
  readonly customerId: string;
  readonly bucketMs: number;
  readonly groupHash: string;
  readonly values: readonly (string | null)[];
  events: number;
  counted: number;
  sum: Decimal;
  /** Added to the sum of fingerprints; `bucketChanges` has it modulo 2^128. */
  fingerprint: bigint;
  min: Decimal | null;
  max: Decimal | null;
  /** Least and greatest value that goes. */
  goneMin: Decimal | null;
  goneMax: Decimal | null;
}

/** How often a value of COUNT(DISTINCT …) occurs in an hour of a group. */
export interface ValueChange {
  readonly leafId: string;
  readonly customerId: string;
  readonly hourMs: number;
  readonly groupHash: string;
  readonly values: readonly (string | null)[];
  readonly valueHash: string;
  count: number;
}

const MODULUS = 1n << 128n;

/** Adds up what events do to rollups. What comes out is in the order of keys: others write at the same time. */
export class RollupChange {
  private readonly buckets = new Map<string, BucketChange>();
  private readonly values = new Map<string, ValueChange>();
  /** Of each leaf: events of one customer come together, mostly, and near in time. */
  private readonly last = new Map<string, BucketChange>();

  /** `by` is 1 for an event that comes and -1 for one that goes. */
  add(
    { id, leaf, compiled, fromMs }: FollowedLeaf,
    customerId: string,
    event: CountedEvent,
    by: 1 | -1,
  ): void {
    if (event.timestampMs < fromMs || !compiled.passes(event)) return;
    const values = compiled.groupOf(event);
    const hash = groupHash(values);
    const at = { leafId: id, customerId, groupHash: hash, values };
    const change = this.bucketOf({ ...at, bucketMs: bucketOf(event.timestampMs) });
    change.events += by;
    const fingerprint = BigInt(`0x${event.fingerprint}`);
    change.fingerprint += by === 1 ? fingerprint : -fingerprint;
    const value = compiled.valueOf(event);
    if (leaf.kind === 'count') {
      if (value !== null) change.counted += by;
      return;
    }
    if (leaf.kind === 'count_distinct') {
      const text = toText(value);
      if (text === null) return;
      change.counted += by;
      const hourMs = bucketOf(event.timestampMs, HOUR_MS);
      this.valueOf({ ...at, hourMs, valueHash: hashOfValue(text) }).count += by;
      return;
    }
    const number = toNumber(value);
    if (number) addNumber(change, number, by, leaf.kind === 'min' || leaf.kind === 'max');
  }

  get bucketChanges(): readonly BucketChange[] {
    const changes = inOrder(this.buckets);
    for (const change of changes) {
      change.fingerprint = ((change.fingerprint % MODULUS) + MODULUS) % MODULUS;
    }
    return changes;
  }

  get valueChanges(): readonly ValueChange[] {
    return inOrder(this.values).filter(({ count }) => count !== 0);
  }

  private bucketOf(
    at: Pick<BucketChange, 'leafId' | 'customerId' | 'bucketMs' | 'groupHash' | 'values'>,
  ): BucketChange {
    const { leafId, customerId, bucketMs, groupHash: group } = at;
    const last = this.last.get(leafId);
    const isLast = last?.bucketMs === bucketMs && last.customerId === customerId;
    if (isLast && last.groupHash === group) return last;
    const key = `${leafId} ${customerId} ${bucketMs} ${group}`;
    let change = this.buckets.get(key);
    if (!change) {
      change = {
        ...at,
        ...{ events: 0, counted: 0, sum: Decimal.ZERO, fingerprint: 0n },
        ...{ min: null, max: null, goneMin: null, goneMax: null },
      };
      this.buckets.set(key, change);
    }
    this.last.set(leafId, change);
    return change;
  }

  private valueOf(at: Omit<ValueChange, 'count'>): ValueChange {
    const key = `${at.leafId} ${at.customerId} ${at.hourMs} ${at.groupHash} ${at.valueHash}`;
    let change = this.values.get(key);
    if (!change) {
      change = { ...at, count: 0 };
      this.values.set(key, change);
    }
    return change;
  }
}

function addNumber(change: BucketChange, number: Decimal, by: 1 | -1, hasBounds: boolean): void {
  change.counted += by;
  change.sum = by === 1 ? change.sum.plus(number) : change.sum.minus(number);
  if (!hasBounds) return;
  if (by === 1) {
    change.min = change.min ? change.min.min(number) : number;
    change.max = change.max ? change.max.max(number) : number;
  } else {
    change.goneMin = change.goneMin ? change.goneMin.min(number) : number;
    change.goneMax = change.goneMax ? change.goneMax.max(number) : number;
  }
}

const inOrder = <Change>(changes: ReadonlyMap<string, Change>): readonly Change[] =>
  [...changes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
