import type { PriceInterval, Timeline } from './timeline.js';

/** From an instant on a fee is charged for another quantity; what is planned for later stays. */
export function withQuantity(
  timeline: Timeline,
  intervalId: string,
  fromMs: number,
  quantity: string,
): Timeline {
  return mapInterval(timeline, intervalId, (interval) => {
    const at = Math.max(fromMs, interval.startMs);
    const others = interval.steps.filter((step) => step.fromMs !== at);
    const steps = [...others, { fromMs: at, quantity }].sort((a, b) => a.fromMs - b.fromMs);
    return { ...interval, steps };
  });
}

/** Drops what is planned for later. Null when nothing is. */
export function withoutPlannedQuantities(
  timeline: Timeline,
  priceId: string,
  nowMs: number,
): Timeline | null {
  const isPlanned = ({ price, steps }: PriceInterval): boolean =>
    price.id === priceId && steps.slice(1).some(({ fromMs }) => fromMs > nowMs);
  if (!timeline.prices.some(isPlanned)) return null;
  return {
    ...timeline,
    prices: timeline.prices.map((interval) =>
      interval.price.id === priceId
        ? {
            ...interval,
            steps: interval.steps.filter(({ fromMs }, index) => index === 0 || fromMs <= nowMs),
          }
        : interval,
    ),
  };
}

export const mapInterval = (
  timeline: Timeline,
  intervalId: string,
  change: (interval: PriceInterval) => PriceInterval,
): Timeline => ({
  ...timeline,
  prices: timeline.prices.map((interval) =>
    interval.id === intervalId ? change(interval) : interval,
  ),
});
