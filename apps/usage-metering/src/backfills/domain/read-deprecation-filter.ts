import { compile } from '../../metrics/domain/compile.js';
import { readFilter } from '../../metrics/domain/read-metric.js';
import { NotAllowed } from '../../metrics/domain/sql-text.js';
import type { ParseSql } from '../../metrics/domain/sql-tree.js';
import { toTruth } from '../../metrics/domain/values.js';
import type { UsageEvent } from '../../events/domain/usage-event.js';

/** Which events a filter over properties means; or what is wrong with it. */
export async function readDeprecationFilter(
  text: string,
  parse: ParseSql,
): Promise<((event: UsageEvent) => boolean) | { readonly fault: string }> {
  try {
    const compiled = compile(await readFilter(text, parse));
    return (event) => toTruth(compiled(event, [])) === true;
  } catch (error) {
    if (error instanceof NotAllowed) return { fault: error.message };
    throw error;
  }
}
