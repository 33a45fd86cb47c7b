import { OrbitError, type GrantBlock } from '@orbit/contracts';
import { requireAmount } from '@orbit/money';
import type { Credit } from '../../books/domain/wallet.js';

type GrantTerms = Pick<
  GrantBlock,
  'amount' | 'kind' | 'priority' | 'cost_basis' | 'effective_at' | 'expires_at' | 'reference'
> & { readonly description?: string };

const msOf = (instant: string | null | undefined): number | null =>
  instant == null ? null : Date.parse(instant);

/** Errors: OrbitError `invalid_field` when it would end before it begins. */
export function grantTerms(request: GrantTerms): Omit<Credit, 'type' | 'occurredAtMs'> {
  const { kind, priority = 0, cost_basis: costBasis, description } = request;
  const effectiveAtMs = msOf(request.effective_at);
  const expiresAtMs = msOf(request.expires_at);
  if (expiresAtMs !== null && effectiveAtMs !== null && expiresAtMs <= effectiveAtMs) {
    throw new OrbitError('invalid_field', 'expires_at is after effective_at.', {
      param: 'expires_at',
    });
  }
  return {
    reference: request.reference,
    amountMicros: requireAmount(request.amount),
    kind,
    ...(costBasis === undefined ? {} : { costBasisMicros: requireAmount(costBasis) }),
    priority,
    effectiveAtMs,
    expiresAtMs,
    metadata: description === undefined ? {} : { description },
  };
}
