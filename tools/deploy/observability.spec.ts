// Goal: a dashboard or an alert rule names only metrics and labels that a service has, so that none is empty for ever.
// Method: expressions in deploy/observability are read for names; planted mistakes show that they are found.
import { describe, expect, test } from '@jest/globals';
import { COMMON_LABELS, METRICS, type MetricSpec } from '@orbit/metrics';
import { load } from 'js-yaml';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../deploy/observability/', import.meta.url));
const read = (name: string): string => readFileSync(`${folder}${name}`, 'utf8');
const table: Readonly<Record<string, MetricSpec>> = METRICS;

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert: string; readonly expr: string }[];
  }[];
}
interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
}

function metricOf(name: string): MetricSpec | undefined {
  const found = table[name];
  if (found) return found.type === 'histogram' ? undefined : found;
  const ofHistogram = table[name.replace(/_(bucket|sum|count)$/, '')];
  return ofHistogram?.type === 'histogram' ? ofHistogram : undefined;
}

/** What is wrong with an expression, as sentences. */
function faultsOf(expression: string, legend = ''): string[] {
  const names = [...expression.matchAll(/\b\w*orbit\w*\b/g)].map(([name]) => name);
  const specs = names.map((name) => [name, metricOf(name)] as const);
  const unknown = specs.filter(([, spec]) => !spec).map(([name]) => `${name} is no metric`);
  if (names.length === 0) unknown.push('names no metric');
  const labels = new Set<string>([
    ...COMMON_LABELS,
    ...specs.flatMap(([, spec]) => spec?.labels ?? []),
  ]);
  if (names.some((name) => name.endsWith('_bucket'))) labels.add('le');
  const groups = [...expression.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)];
  const used = [
    ...[...expression.matchAll(/\{([^}]*)\}/g)].flatMap(([, inner = '']) =>
      [...inner.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    ),
    ...groups.flatMap(([, list = '']) => list.split(',').map((label) => label.trim())),
    ...[...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
  ];
  return [
    ...unknown,
    ...used.filter((label) => !labels.has(label)).map((label) => `${label} is no label`),
  ];
}

const rules = (load(read('alerts.yaml')) as Rules).groups.flatMap((group) => group.rules);
const targets = readdirSync(folder)
  .filter((name) => name.endsWith('.dashboard.json'))
  .flatMap((name) =>
    (JSON.parse(read(name)) as Dashboard).panels.flatMap(({ title, targets: all }) =>
      all.map(({ expr, legendFormat }) => [`${name}: ${title}`, expr, legendFormat] as const),
    ),
  );

describe('deploy/observability', () => {
  test.each(rules)('$alert asks for what there is', ({ expr }) => {
    expect(faultsOf(expr)).toEqual([]);
  });
  test.each(targets)('%s shows what there is', (_name, expr, legend) => {
    expect(faultsOf(expr, legend)).toEqual([]);
  });
  test('every metric is on a dashboard or in a rule', () => {
    const all = [...rules.map(({ expr }) => expr), ...targets.map(([, expr]) => expr)].join('\n');
    expect(Object.keys(table).filter((name) => !all.includes(name))).toEqual([]);
  });
});

describe('what is refused', () => {
  test.each([
    ['max(orbit_outbox_dept)', 'orbit_outbox_dept is no metric'],
    ['rate(orbit_http_request_seconds[5m])', 'orbit_http_request_seconds is no metric'],
    ['sum by (organization) (orbit_holds_open)', 'organization is no label'],
    ['orbit_spend_total{reason="paused"}', 'reason is no label'],
    ['sum by (le) (orbit_spend_total)', 'le is no label'],
    ['up == 0', 'names no metric'],
  ])('%s', (expression, fault) => {
    expect(faultsOf(expression)).toEqual([fault]);
  });
});
