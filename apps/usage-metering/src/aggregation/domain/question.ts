import {
  PREVIEW_EVENTS_MAX,
  USAGE_CUSTOMERS_MAX,
  USAGE_DEFINITIONS_MAX,
  USAGE_WINDOWS_MAX,
  type UsageWindow,
} from '@orbit/contracts';
import { isStorableInstant } from '@orbit/kernel';
import type { Window } from '../../metrics/domain/tally.js';

export type ReadWindows =
  { readonly windows: readonly Window[] } | { readonly faults: readonly string[] };

/** Reads windows; each has a beginning and an end after it. */
export function readWindows(windows: readonly UsageWindow[]): ReadWindows {
  if (windows.length > USAGE_WINDOWS_MAX)
    return { faults: [`windows has at most ${USAGE_WINDOWS_MAX} entries`] };
  const read = windows.map(({ from, to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) }));
  const faults = read.flatMap(({ fromMs, toMs }, index) => {
    if (!isStorableInstant(fromMs)) return [`windows.${index}.from is an instant`];
    if (!isStorableInstant(toMs)) return [`windows.${index}.to is an instant`];
    return fromMs < toMs ? [] : [`windows.${index}.to is after from`];
  });
  return faults.length > 0 ? { faults } : { windows: read };
}

/** Empty: it may be asked. */
export function sizeFaults(question: {
  readonly definitions: readonly unknown[];
  readonly customer_ids?: readonly unknown[];
  readonly events?: readonly unknown[];
}): readonly string[] {
  const { definitions, customer_ids: customers = [0], events = [] } = question;
  return [
    ...(definitions.length > USAGE_DEFINITIONS_MAX
      ? [`definitions has at most ${USAGE_DEFINITIONS_MAX} entries`]
      : []),
    ...(customers.length < 1 || customers.length > USAGE_CUSTOMERS_MAX
      ? [`customer_ids has 1 to ${USAGE_CUSTOMERS_MAX} entries`]
      : []),
    ...(events.length > PREVIEW_EVENTS_MAX
      ? [`events has at most ${PREVIEW_EVENTS_MAX} entries`]
      : []),
  ];
}
