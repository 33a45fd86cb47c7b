import { ALLOWANCE_KEY, allowanceText, isReservedChargeId, readAllowance } from '@orbit/allowances';
import type { ChargeExplanation, ExplainedPlan } from '@orbit/contracts';
import { formatAmount, isCurrency, micros, type Currency, type Micros } from '@orbit/money';
import type { SealableEntry, SealedWallet } from '../domain/seal.js';
import { ENTRY_TYPES } from '../../books/domain/wallet.js';
import { heldOf } from '../../charges/domain/held.js';
import type { StoredBlock, StoredCharge } from './explain-ports.js';

/** The reference under which invoicing grants what a plan includes: subscription, end of the period, plan. */
const PLAN_GRANT = /^grant:plan:([^:]+):\d{4}-\d\d-\d\dT[\d:.]+Z:(.+)$/;

/** Makes an authorization id (libs/spend) of what was held. */
export type HoldNames = (hold: {
  readonly organizationId: string;
  readonly currency: Currency;
  readonly chargeId: string;
  readonly amountMicros: Micros;
  readonly part: string;
}) => string;

const NO_AUTHORIZATION = { authorization_id: null, lease_id: null };

/** From the entry alone. */
export function authorizationView(
  { organizationId, currency }: SealedWallet,
  charge: { readonly chargeId: string; readonly amountMicros: Micros },
  { authorizedBy, metadata }: SealableEntry,
  holdIdOf: HoldNames,
): ChargeExplanation['authorization'] {
  const heldMicros = heldOf(authorizedBy, charge.amountMicros);
  if (heldMicros === null) return { authorization_id: null, lease_id: authorizedBy };
  // The plan's part of a charge has an authorization that is ours alone.
  if (!isCurrency(currency) || isReservedChargeId(charge.chargeId)) return NO_AUTHORIZATION;
  const part = readAllowance(
    (metadata as Readonly<Record<string, unknown>> | null)?.[ALLOWANCE_KEY],
  );
  const hold = { organizationId, currency, ...charge, amountMicros: heldMicros };
  const authorization_id = holdIdOf({ ...hold, part: part === null ? '' : allowanceText(part) });
  return { authorization_id, lease_id: null };
}

/** The part of the charge that blocks of a plan paid; null: none did. */
export function planView(
  { wallet, entries }: StoredCharge,
  blocks: ReadonlyMap<bigint, StoredBlock>,
): ExplainedPlan | null {
  let paidMicros = 0n;
  let grant: RegExpExecArray | null = null;
  for (const { type, blockSequence, amountMicros } of entries) {
    if (type !== ENTRY_TYPES.spend || blockSequence === null) continue;
    const found = PLAN_GRANT.exec(blocks.get(blockSequence)?.origin.reference ?? '');
    if (found === null) continue;
    // Two periods may meet in one charge: both are of one subscription, and the first to pay names the plan.
    grant ??= found;
    paidMicros += amountMicros;
  }
  if (grant === null) return null;
  const [, subscription_id = '', plan_id = ''] = grant;
  const amount = formatAmount(micros(paidMicros), wallet.currency);
  return { plan_id, subscription_id, unit: wallet.currency, amount, charge_id: null };
}
