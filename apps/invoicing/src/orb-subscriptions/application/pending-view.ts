import type { PendingChange } from './pending-ports.js';

type Fields = Readonly<Record<string, unknown>>;

const OPTIONS = ['change_option', 'cancel_option'] as const;

/** A pending change as the contract shows it, with the subscription as it would be. */
export function toPendingChange(change: PendingChange): Fields {
  const { body } = change.call;
  const option = OPTIONS.map((name) => body[name]).find((value) => typeof value === 'string');
  return {
    id: change.id,
    status: change.status,
    ...datesOf(change),
    subscription: change.shown,
    change_type: change.operation.replaceAll('-', '_'),
    effective_date: effectiveOf(change),
    change_option: option ?? null,
    plan_id: planOf(change),
    billing_cycle_alignment: body['billing_cycle_alignment'] ?? null,
  };
}

/** In lists; a subscription that is still to be made has no id. */
export const toListedChange = (change: PendingChange): Fields => ({
  id: change.id,
  status: change.status,
  ...datesOf(change),
  subscription_id:
    change.operation === 'create-subscription' && change.status !== 'applied'
      ? null
      : change.subscriptionId,
});

const datesOf = ({ appliedAt, cancelledAt, expiresAt }: PendingChange): Fields => ({
  applied_at: appliedAt?.toISOString() ?? null,
  cancelled_at: cancelledAt?.toISOString() ?? null,
  expiration_time: expiresAt.toISOString(),
});

/** When it counts, where the subscription says so. */
function effectiveOf({ operation, shown, call }: PendingChange): unknown {
  switch (operation) {
    case 'create-subscription':
      return shown['start_date'] ?? null;
    case 'cancel-subscription':
      return shown['end_date'] ?? null;
    default:
      return call.body['change_date'] ?? call.body['effective_date'] ?? null;
  }
}

function planOf({ operation, call, shown }: PendingChange): unknown {
  if (operation !== 'schedule-plan-change' && operation !== 'create-subscription') return null;
  const plan = shown['plan'] as { readonly id?: string } | null | undefined;
  const isNew = operation === 'create-subscription';
  return call.body['plan_id'] ?? (isNew ? plan?.id : null) ?? null;
}
