import { notFound, type OrbRefusal } from '@orbit/orb-api';
import type { Customer, CustomerTransaction } from './ports.js';

/** As the contract writes it. */
export interface Hierarchy {
  readonly parent_customer_id?: string | null;
  /** All of them: others do not belong to it any more. */
  readonly child_customer_ids?: readonly string[];
}

type Placed = Pick<Customer, 'id' | 'parent' | 'children'>;

/** Why a customer may not stand where it is put; null: it may, until the transaction ends. */
export async function hierarchyFault(
  tx: CustomerTransaction,
  accountId: string,
  customer: Placed,
  { parent_customer_id: parentId, child_customer_ids: childIds }: Hierarchy,
): Promise<OrbRefusal | null> {
  await tx.lockHierarchy(accountId);
  const named = [...(parentId ? [parentId] : []), ...(childIds ?? [])];
  const known = await tx.known(accountId, named);
  const missing = named.find((id) => id !== customer.id && !known.has(id));
  if (missing !== undefined) return notFound('customer', missing);
  const parent = parentId === undefined ? (customer.parent?.id ?? null) : parentId;
  const above = parent === null ? [] : await tx.ancestors(parent);
  const below = childIds ?? customer.children.map(({ id }) => id);
  const isAboveItself =
    parent === customer.id ||
    above.includes(customer.id) ||
    below.some((id) => id === customer.id || above.includes(id));
  if (!isAboveItself) return null;
  const detail = 'A customer cannot stand above itself in the hierarchy.';
  return { code: 'constraint_violation', detail };
}

export async function placeInHierarchy(
  tx: CustomerTransaction,
  customer: Placed,
  { parent_customer_id: parentId, child_customer_ids: childIds }: Hierarchy,
): Promise<void> {
  if (parentId !== undefined) await tx.setParent([customer.id], parentId);
  if (childIds === undefined) return;
  const gone = customer.children.map(({ id }) => id).filter((id) => !childIds.includes(id));
  await tx.setParent(gone, null);
  await tx.setParent(childIds, customer.id);
}
