import { cell, heading, table } from './markdown.mjs';

/** docs/reference/metrics.md: the table of libs/metrics, service by service. */
export function generateMetrics({ metrics }) {
  const { METRICS, SERVICES, COMMON_LABELS } = metrics;
  const code = (names) => names.map((name) => `\`${name}\``).join(', ') || 'none';
  const rowOf = ([name, { type, unit, labels, help, buckets }]) => [
    `\`${name}\``,
    type,
    unit,
    code(labels),
    cell(buckets ? `${help} Buckets: ${buckets.join(', ')}.` : help),
  ];
  const all = Object.entries(METRICS);
  const ofAll = all.filter(([, { services }]) => services.length === SERVICES.length);
  const sections = [
    ['every service', ofAll],
    ...SERVICES.map((service) => [
      service,
      all.filter((one) => !ofAll.includes(one) && one[1].services.includes(service)),
    ]),
  ];
  const text = `${heading('Metrics', 'libs/metrics/src/table.ts')}
Every service answers them at \`/metrics\` of its health port (\`HEALTH_PORT\`; the gateway's is not its public one), for Prometheus and without a key.
\`npm start\` prints the addresses and writes them to \`.orbit/dev.json\` as \`metricsUrls\`. Dashboards and alert rules are in
[deploy/observability](../../deploy/observability/). Every series has the label ${code(COMMON_LABELS)} besides; none names an account or an organization.

${sections
  .map(
    ([title, rows]) => `## ${title}

${table(['metric', 'type', 'unit', 'labels', 'meaning'], rows.map(rowOf))}
`,
  )
  .join('\n')}`;
  return [{ path: 'docs/reference/metrics.md', text }];
}
