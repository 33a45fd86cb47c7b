import type { UsageDefinition } from '@orbit/contracts';
import type { Parameters } from '../../metrics/domain/compile.js';
import type { Counting } from '../../metrics/domain/counting.js';
import {
  EVENT_COLUMNS,
  type EventColumn,
  type Expression,
  type ParameterDefinition,
} from '../../metrics/domain/expression.js';
import { isComputed, readComputed, readFilter } from '../../metrics/domain/read-metric.js';
import { NotAllowed } from '../../metrics/domain/sql-text.js';
import type { ParseSql } from '../../metrics/domain/sql-tree.js';
import { numberOfText } from '../../metrics/domain/values.js';
import type { CountedMetrics } from './ports.js';

const GROUPING_KEYS_MAX = 20;
const KEY_LENGTH_MAX = 1_000;

/** A definition that can be counted, or why not. */
export type Resolved = { readonly counting: Counting } | { readonly faults: readonly string[] };

/** Reads what is asked for. One answer a definition, in their order. Errors: the database's own. */
export async function resolveDefinitions(
  accountId: string,
  definitions: readonly UsageDefinition[],
  metrics: CountedMetrics,
  parse: ParseSql,
): Promise<readonly Resolved[]> {
  const ids = [...new Set(definitions.map(({ metric_id }) => metric_id))];
  const known = new Map((await metrics.read(accountId, ids)).map((each) => [each.id, each]));
  const resolved: Resolved[] = [];
  for (const definition of definitions) {
    const metric = known.get(definition.metric_id)?.tree;
    if (!metric) {
      const id = JSON.stringify(definition.metric_id);
      resolved.push({ faults: [`metric_id: there is no metric with id ${id}`] });
      continue;
    }
    const faults: string[] = [];
    const parameters = definition.parameters ?? {};
    faults.push(...parameterFaults(parameters, metric.parameters));
    const filter = await readOrFault('filter', definition.filter, faults, (text) =>
      readFilter(text, parse),
    );
    const groups = await readGroups(definition.grouping_keys, faults, parse);
    if (faults.length > 0) resolved.push({ faults });
    else resolved.push({ counting: { metric, parameters, filter, groups } });
  }
  return resolved;
}

function parameterFaults(
  parameters: Parameters,
  definitions: readonly ParameterDefinition[],
): readonly string[] {
  return Object.entries(parameters).flatMap(([name, value]) => {
    const definition = definitions.find((each) => each.name === name);
    if (!definition) return [`parameters.${name}: the metric has no such parameter`];
    const isOfType = typeof value === definition.type;
    const fits = isOfType && (typeof value !== 'number' || numberOfText(String(value)) !== null);
    return fits ? [] : [`parameters.${name} is a ${definition.type}`];
  });
}

async function readGroups(
  keys: readonly string[],
  faults: string[],
  parse: ParseSql,
): Promise<readonly Expression[]> {
  if (keys.length > GROUPING_KEYS_MAX) {
    faults.push(`grouping_keys has at most ${GROUPING_KEYS_MAX} entries`);
    return [];
  }
  const groups: Expression[] = [];
  for (const [index, key] of keys.entries()) {
    const path = `grouping_keys.${index}`;
    if (key === '' || key.length > KEY_LENGTH_MAX) {
      faults.push(`${path} has 1 to ${KEY_LENGTH_MAX} characters`);
    } else if (isComputed(key)) {
      const group = await readOrFault(path, key, faults, (text) => readComputed(text, parse));
      if (group) groups.push(group);
    } else groups.push(groupOf(key));
  }
  return groups;
}

const groupOf = (key: string): Expression =>
  (EVENT_COLUMNS as readonly string[]).includes(key)
    ? { kind: 'column', name: key as EventColumn }
    : { kind: 'property', name: key };

async function readOrFault(
  path: string,
  text: string | null,
  faults: string[],
  read: (text: string) => Promise<Expression>,
): Promise<Expression | null> {
  if (text === null) return null;
  try {
    return await read(text);
  } catch (error) {
    if (!(error instanceof NotAllowed)) throw error;
    faults.push(`${path}: ${error.message}`);
    return null;
  }
}
