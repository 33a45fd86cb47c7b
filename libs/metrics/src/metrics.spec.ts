// Goal: whatever is answered on /metrics is in the table, and the table keeps Prometheus' rules and ours.
import { describe, expect, test } from '@jest/globals';
import {
  counter,
  gauge,
  histogram,
  METRICS,
  readAtScrape,
  renderMetrics,
  reportAs,
} from './index.js';
import type { MetricName, MetricSpec } from './index.js';

const all = Object.entries(METRICS) as [MetricName, MetricSpec][];

describe('the table', () => {
  test.each(all)('%s has a name, labels and buckets as they must be', (name, spec) => {
    expect(name).toMatch(/^orbit_[a-z]+(_[a-z]+)*$/);
    if (spec.type === 'counter') expect(name).toMatch(/_total$/);
    if (spec.type !== 'counter') expect(name).not.toMatch(/_(total|count|sum|bucket)$/);
    if (spec.unit === 'seconds') expect(name).toMatch(/_seconds(_total)?$/);
    if (spec.unit === 'bytes') expect(name).toMatch(/_bytes$/);
    expect(spec.labels).not.toContain('service');
    for (const label of spec.labels)
      expect(label).not.toMatch(/account|organization|customer|_id$|^le$/);
    const { buckets = [] } = spec;
    expect(buckets.length > 0).toBe(spec.type === 'histogram');
    expect([...buckets].sort((a, b) => a - b)).toEqual(buckets);
    expect(spec.help).toMatch(/\.$/);
  });
});

describe('/metrics', () => {
  test('answers what was counted, with the service, and the process', async () => {
    reportAs('gateway');
    counter('orbit_spend_total').inc({ operation: 'charge', outcome: 'charged' });
    counter('orbit_spend_total').inc({ operation: 'charge', outcome: 'charged' });
    histogram('orbit_spend_seconds').observe({ operation: 'charge' }, 0.002);
    const { text, contentType } = await renderMetrics();
    expect(contentType).toMatch(/^text\/plain/);
    expect(text).toContain(
      'orbit_spend_total{operation="charge",outcome="charged",service="gateway"} 2',
    );
    expect(text).toContain(
      'orbit_spend_seconds_bucket{le="0.0025",service="gateway",operation="charge"} 1',
    );
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(names.filter((name) => !(name! in METRICS))).toEqual([]);
    expect(names).toContain('orbit_process_resident_bytes');
  });

  test('asks its readings each time, and counts one that fails', async () => {
    let depth = 3;
    const end = readAtScrape('outbox', async () => void gauge('orbit_outbox_depth').set(depth));
    const endBroken = readAtScrape('lag', () => Promise.reject(new Error('Kafka is away')));
    expect((await renderMetrics()).text).toMatch(/^orbit_outbox_depth\{.*\} 3$/m);
    depth = 4;
    const { text } = await renderMetrics();
    expect(text).toMatch(/^orbit_outbox_depth\{.*\} 4$/m);
    expect(text).toMatch(/^orbit_collection_failures_total\{reading="lag".*\} 2$/m);
    end();
    endBroken();
  });
});
