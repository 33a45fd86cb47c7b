import { Decimal } from '@orbit/pricing';
import type { CompiledLeaf, Leaf } from '../../metrics/domain/counting.js';
import type { CountedEvent } from '../../metrics/domain/compile.js';
import { hashOfValue, isLater, type Latest } from '../../metrics/domain/tally.js';
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
  /** Σ value × instant, of a weighted sum. */
  moment: Decimal;
  min: Decimal | null;
  max: Decimal | null;
  latest: Latest | null;
  /** A value goes that may have been the least, the greatest or the latest. */
  isDirty: boolean;
}

/** How often a value of COUNT(DISTINCT …) or of a percentile occurs in an hour of a group. */
export interface ValueChange {
  readonly leafId: string;
  readonly customerId: string;
  readonly hourMs: number;
  readonly groupHash: string;
  readonly values: readonly (string | null)[];
  readonly valueHash: string;
  /** Of a percentile. */
  readonly number: Decimal | null;
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
      this.valueOf({ ...at, ...keptValue(event, text), number: null }).count += by;
      return;
    }
    const number = toNumber(value);
    if (!number) return;
    change.counted += by;
    change.sum = by === 1 ? change.sum.plus(number) : change.sum.minus(number);
    if (leaf.kind === 'percentile_cont' || leaf.kind === 'percentile_disc') {
      this.valueOf({ ...at, ...keptValue(event, String(number)), number }).count += by;
      return;
    }
    addOrdered(change, leaf.kind, { number, event, by });
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
        ...{ moment: Decimal.ZERO, min: null, max: null, latest: null, isDirty: false },
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

const keptValue = ({ timestampMs }: CountedEvent, text: string) => ({
  hourMs: bucketOf(timestampMs, HOUR_MS),
  valueHash: hashOfValue(text),
});

interface NumberChange {
  readonly number: Decimal;
  readonly event: CountedEvent;
  readonly by: 1 | -1;
}

/** A least, greatest or latest value that goes cannot be subtracted: its bucket is counted again. */
function addOrdered(
  change: BucketChange,
  kind: Leaf['kind'],
  { number, event, by }: NumberChange,
): void {
  const { timestampMs: atMs, idempotencyKey: key } = event;
  if (kind === 'weighted_sum') {
    const moment = number.times(Decimal.of(atMs));
    change.moment = by === 1 ? change.moment.plus(moment) : change.moment.minus(moment);
    return;
  }
  if (kind !== 'min' && kind !== 'max' && kind !== 'latest') return;
  if (by === -1) {
    change.isDirty = true;
  } else if (kind === 'latest') {
    const offered = { atMs, key, value: number };
    if (isLater(offered, change.latest)) change.latest = offered;
  } else {
    change.min = change.min ? change.min.min(number) : number;
    change.max = change.max ? change.max.max(number) : number;
  }
}

const inOrder = <Change>(changes: ReadonlyMap<string, Change>): readonly Change[] =>
  [...changes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
