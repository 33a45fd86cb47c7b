import { line, summed, type RatedLine, type Rating } from '../rating.js';
import { groupBy, quantityOf, type Usage, type UsageGroup } from '../usage.js';

/** Rates each group alone and adds them up. Usage without the property is a group of its own. */
export function rateGroups(
  usage: Usage,
  key: string,
  rate: (group: UsageGroup) => readonly RatedLine[],
): Rating {
  const lines = groupBy(usage, [key]).flatMap((group) => {
    const grouping = { key, value: group.values[0] ?? null };
    return rate(group).map((each) => ({ ...each, grouping }));
  });
  return summed(quantityOf(usage), lines);
}

export const groupName = (value: string | null | undefined): string => value ?? 'without a value';

/** One line for a whole group. */
export const groupLine = (
  group: UsageGroup,
  fields: Pick<RatedLine, 'amount' | 'formula'>,
): RatedLine =>
  line({
    kind: 'group',
    name: groupName(group.values[0]),
    quantity: group.quantity,
    ...fields,
  });
