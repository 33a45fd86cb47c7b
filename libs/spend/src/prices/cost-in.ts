import { costText, OrbitError, PRICE_TAG } from '@orbit/contracts';
import { COST_PATTERN } from '@orbit/events';
import type { ChargeIntent } from '../types.js';

const COST = new RegExp(COST_PATTERN);

type Amount = Pick<ChargeIntent, 'amountMicros' | 'currency'>;

/** Metadata with what the operator pays upstream, as the books keep it. Errors: OrbitError invalid_field. */
export function costIn(
  metadata: ChargeIntent['metadata'],
  cost: string,
  { amountMicros, currency }: Amount,
): ChargeIntent['metadata'] {
  if (typeof cost === 'string' && COST.test(cost)) {
    return { ...metadata, [PRICE_TAG.cost]: costText(cost, currency, amountMicros) };
  }
  const message = 'cost is a decimal string such as "0.0042": at most 18 decimals.';
  throw new OrbitError('invalid_field', message, { param: 'cost' });
}

/** The intent whose cost stands in its metadata; the same one where it names none. Errors: OrbitError invalid_field. */
export function withCost<Intent extends Amount & Pick<ChargeIntent, 'metadata' | 'cost'>>(
  intent: Intent,
): Intent {
  if (intent.cost === undefined) return intent;
  const { cost, ...rest } = intent;
  return { ...rest, metadata: costIn(intent.metadata, cost, intent) } as unknown as Intent;
}
