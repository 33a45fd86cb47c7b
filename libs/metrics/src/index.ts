export { counter, gauge, histogram } from './registry.js';
export { reportOutbox, type OutboxState } from './outbox.js';
export { readAtScrape, renderMetrics, reportAs } from './render.js';
export {
  COMMON_LABELS,
  METRICS,
  SERVICES,
  type LabelsOf,
  type MetricName,
  type MetricNameOf,
  type MetricSpec,
  type Service,
} from './table.js';
