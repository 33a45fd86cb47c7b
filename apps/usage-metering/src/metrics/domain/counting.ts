import { Decimal } from '@orbit/pricing';
import { compile, type Compiled, type CountedEvent, type Parameters } from './compile.js';
import type { Expression, MetricTree } from './expression.js';
import { Tally, type Window } from './tally.js';
import { toNumber, toText, toTruth, type Value } from './values.js';

/** A metric, narrowed and split: what is counted. */
export interface Counting {
  readonly metric: MetricTree;
  readonly parameters: Parameters;
  readonly filter: Expression | null;
  readonly groups: readonly Expression[];
}

/** Adds up over windows: the quantity of a period can be made of its parts. */
export const isAdditive = ({ aggregates, result }: MetricTree): boolean =>
  result.kind === 'aggregate' && aggregates.every(({ kind }) => kind === 'count' || kind === 'sum');

/** Parameters replaced by their values, everywhere. */
export function bind(expression: Expression, parameters: Parameters): Expression {
  const bound = JSON.stringify(expression, (_, part: unknown) => {
    const node = part as Expression | null;
    if (typeof node !== 'object' || node?.kind !== 'parameter') return part;
    if (!Object.hasOwn(parameters, node.name)) return node.preset;
    const value = parameters[node.name];
    if (typeof value === 'number') return { kind: 'number', digits: String(value) };
    if (typeof value === 'boolean') return { kind: 'truth', truth: value };
    return { kind: 'text', text: value };
  });
  return JSON.parse(bound) as Expression;
}

/** One aggregate with everything that narrows it: countings that share one share its rollups. */
export interface Leaf {
  readonly kind: MetricTree['aggregates'][number]['kind'];
  readonly of: Expression | null;
  readonly fraction: string | null;
  readonly filter: Expression | null;
  readonly groups: readonly Expression[];
}

const all = (...conditions: readonly (Expression | null)[]): Expression | null => {
  const of = conditions.filter((condition) => condition !== null);
  return of.length < 2 ? (of[0] ?? null) : { kind: 'and', of };
};

/** The first leaf is COUNT(*) over all events of the counting: their number and fingerprint come from it. */
export function leavesOf({ metric, parameters, filter, groups }: Counting): readonly Leaf[] {
  const boundOrNull = (part: Expression | null): Expression | null =>
    part && bind(part, parameters);
  const where = all(boundOrNull(metric.filter), boundOrNull(filter));
  const leaves = metric.aggregates.map((aggregate) => ({
    kind: aggregate.kind,
    of: boundOrNull(aggregate.of),
    fraction: aggregate.fraction,
    filter: all(where, boundOrNull(aggregate.filter)),
    groups,
  }));
  return [{ kind: 'count', of: null, fraction: null, filter: where, groups }, ...leaves];
}

/** The same text for the same leaf. */
export const canonicalText = (leaf: Leaf): string => JSON.stringify(leaf);

export interface CompiledLeaf {
  readonly passes: (event: CountedEvent) => boolean;
  /** Null: does not count. */
  readonly valueOf: (event: CountedEvent) => Value;
  readonly groupOf: (event: CountedEvent) => readonly (string | null)[];
}

export function compileLeaf({ of, filter, groups }: Leaf): CompiledLeaf {
  const condition: Compiled | null = filter && compile(filter);
  const value: Compiled | null = of && compile(of);
  const keys = groups.map(compile);
  return {
    passes: (event) => condition === null || toTruth(condition(event, [])) === true,
    valueOf: (event) => (value ? value(event, []) : true),
    groupOf: (event) => keys.map((key) => toText(key(event, []))),
  };
}

const NOBODY: CountedEvent = {
  ...{ idempotencyKey: '', customerId: null, externalCustomerId: null, eventName: '' },
  ...{ timestampMs: 0, properties: {}, fingerprint: '' },
};

/** The metric's number from the results of its aggregates; nothing is zero. */
export function compileResult(metric: MetricTree, parameters: Parameters) {
  const result = compile(bind(metric.result, parameters));
  return (results: readonly (Decimal | null)[]): Decimal =>
    toNumber(result(NOBODY, results)) ?? Decimal.ZERO;
}

const MODULUS = 1n << 128n;

/** Counts of one group in one window. */
export class GroupCount {
  eventCount = 0;
  /** Modulo 2^128. */
  fingerprint = 0n;

  constructor(
    readonly values: readonly (string | null)[],
    readonly tallies: readonly Tally[],
  ) {}

  addEvents(count: number, fingerprint: bigint): void {
    this.eventCount += count;
    this.fingerprint = (this.fingerprint + fingerprint) % MODULUS;
  }

  get fingerprintText(): string {
    return this.fingerprint.toString(16).padStart(32, '0');
  }
}

/** Counts one window: events one by one, or what rollups have of many. */
export class WindowCount {
  private readonly groups = new Map<string, GroupCount>();
  private readonly compiled: readonly CompiledLeaf[];

  constructor(
    private readonly leaves: readonly Leaf[],
    compiled?: readonly CompiledLeaf[],
  ) {
    this.compiled = compiled ?? leaves.map(compileLeaf);
    if (leaves[0]?.groups.length === 0) this.groupOf([]);
  }

  add(event: CountedEvent): void {
    const [all, ...aggregates] = this.compiled;
    if (!all?.passes(event)) return;
    const group = this.groupOf(all.groupOf(event));
    group.addEvents(1, BigInt(`0x${event.fingerprint}`));
    for (const [index, leaf] of aggregates.entries()) {
      if (!leaf.passes(event)) continue;
      group.tallies[index]?.add(leaf.valueOf(event), event.timestampMs, event.idempotencyKey);
    }
  }

  /** Takes in what was counted of other events. */
  merge(other: WindowCount): void {
    for (const { values, eventCount, fingerprint, tallies } of other.groups.values()) {
      const group = this.groupOf(values);
      group.addEvents(eventCount, fingerprint);
      for (const [index, tally] of tallies.entries()) group.tallies[index]?.merge(tally);
    }
  }

  /** Made where it is not there yet. */
  groupOf(values: readonly (string | null)[]): GroupCount {
    const key = JSON.stringify(values);
    let group = this.groups.get(key);
    if (!group) {
      const tallies = this.leaves.slice(1).map(({ kind, fraction }) => new Tally(kind, fraction));
      group = new GroupCount(values, tallies);
      this.groups.set(key, group);
    }
    return group;
  }

  /** In the order of their values; groups whose events are all gone are left out. */
  results(
    window: Window,
    resultOf: ReturnType<typeof compileResult>,
  ): readonly { readonly group: GroupCount; readonly quantity: Decimal }[] {
    return [...this.groups.values()]
      .filter(({ eventCount, values }) => eventCount > 0 || values.length === 0)
      .sort((a, b) => compareGroups(a.values, b.values))
      .map((group) => ({
        group,
        quantity: resultOf(group.tallies.map((tally) => tally.result(window))),
      }));
  }
}

/** Null comes last. */
function compareGroups(a: readonly (string | null)[], b: readonly (string | null)[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? null;
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? -1 : 1;
  }
  return 0;
}
