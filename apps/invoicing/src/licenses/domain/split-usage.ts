import { Decimal, type Usage, type UsageRow } from '@orbit/pricing';
import type { UsageAsk, UsageByKey } from '../../billing/domain/subscription.js';

/** Stands among the values of usage: the license that counted when it happened; null: none did. */
export const LICENSE = '$license';

/** A part of a window in which licenses count or do not. */
interface Part {
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
}

const partOf = (ask: UsageAsk, span: { startMs: number; endMs: number | null }): Part | null => {
  const startMs = Math.max(span.startMs, ask.startMs);
  const endMs = Math.min(span.endMs ?? ask.endMs, ask.endMs);
  if (startMs >= endMs) return null;
  const isWhole = startMs === ask.startMs && endMs === ask.endMs;
  const key = isWhole ? ask.key : `${ask.key} ${String(startMs)} ${String(endMs)}`;
  return { key, startMs, endMs };
};

const propertiesOf = ({ dimensions, licenses }: UsageAsk): readonly string[] => [
  ...new Set([...dimensions, ...(licenses ? [licenses.property] : [])]),
];

/**
 * The questions to usage-metering in their place: usage by license, once in the whole window and once in each part of
 * it.
 */
export function splitAsks(asks: readonly UsageAsk[]): readonly UsageAsk[] {
  return asks.flatMap((ask) => {
    const { licenses, ...plain } = ask;
    if (!licenses) return [plain];
    const whole = { ...plain, dimensions: propertiesOf(ask) };
    const parts = new Map(
      licenses.spans.flatMap((span) => {
        const part = partOf(ask, span);
        return part && part.key !== ask.key ? [[part.key, part] as const] : [];
      }),
    );
    const intervalId = `${ask.intervalId}.licenses`;
    return [whole, ...[...parts.values()].map((part) => ({ ...whole, ...part, intervalId }))];
  });
}

/** Answers to `splitAsks` by the keys of what was asked for; usage says which license it is of. */
export function joinUsage(asks: readonly UsageAsk[], counted: UsageByKey): UsageByKey {
  return new Map(
    asks.flatMap((ask): readonly (readonly [string, Usage])[] => {
      const usage = counted.get(ask.key);
      if (!usage) return [];
      return [[ask.key, ask.licenses ? withLicenses(ask, usage, counted) : usage]];
    }),
  );
}

function withLicenses(ask: UsageAsk, whole: Usage, counted: UsageByKey): Usage {
  const { property, spans } = ask.licenses as NonNullable<UsageAsk['licenses']>;
  const rest = new Map<string, UsageRow>(whole.map((row) => [JSON.stringify(row.values), row]));
  const licensed = spans.flatMap((span) => {
    const part = partOf(ask, span);
    const usage = part ? (counted.get(part.key) ?? []) : [];
    return usage
      .filter(({ values }) => values[property] === span.externalId)
      .map(({ values, quantity }) => {
        const name = JSON.stringify(values);
        const before = rest.get(name)?.quantity ?? Decimal.ZERO;
        rest.set(name, { values, quantity: before.minus(quantity) });
        return { values: { ...values, [LICENSE]: span.id }, quantity };
      });
  });
  const others = [...rest.values()]
    .filter(({ quantity }) => !quantity.isZero)
    .map(({ values, quantity }) => ({ values: { ...values, [LICENSE]: null }, quantity }));
  return [...licensed, ...others];
}
