import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type LabelsOf, type MetricNameOf, type MetricSpec } from './table.js';

/** One per process: a metric is the same one wherever it is named. */
export const registry = new Registry();

function configurationOf<N extends keyof typeof METRICS>(name: N) {
  const { help, labels }: MetricSpec = METRICS[name];
  return { name, help, labelNames: labels as LabelsOf<N>[], registers: [registry] };
}

/** The counter of this name. */
export function counter<N extends MetricNameOf<'counter'>>(name: N): Counter<LabelsOf<N>> {
  const made = registry.getSingleMetric(name) as Counter<LabelsOf<N>> | undefined;
  return made ?? new Counter(configurationOf(name));
}

/** The gauge of this name. */
export function gauge<N extends MetricNameOf<'gauge'>>(name: N): Gauge<LabelsOf<N>> {
  const made = registry.getSingleMetric(name) as Gauge<LabelsOf<N>> | undefined;
  return made ?? new Gauge(configurationOf(name));
}

/** The histogram of this name. */
export function histogram<N extends MetricNameOf<'histogram'>>(name: N): Histogram<LabelsOf<N>> {
  const made = registry.getSingleMetric(name) as Histogram<LabelsOf<N>> | undefined;
  return made ?? new Histogram({ ...configurationOf(name), buckets: [...METRICS[name].buckets] });
}
