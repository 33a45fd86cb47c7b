import { TAKING_REASONS } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { isIsoCurrency } from '@orbit/money';
import type { PrismaClient } from '@orbit/persistence';
import type { AutoReloadPolicy } from '../domain/reload-policy.js';
import type { Tx } from './transaction.js';
import { dateOf } from './topup.mapping.js';

type AutoReloadRow = NonNullable<Awaited<ReturnType<PrismaClient['autoReload']['findUnique']>>>;

/** Locks the policy until the end of the transaction. */
export async function lockPolicy(tx: Tx, organizationId: string): Promise<AutoReloadPolicy | null> {
  await tx.$queryRaw`
    SELECT organization_id FROM checkout.auto_reload
    WHERE organization_id = ${organizationId} FOR UPDATE`;
  const row = await tx.autoReload.findUnique({ where: { organizationId } });
  return row === null ? null : policyFromRow(row);
}

/** Writes a policy that is locked. Each write is a new version: a decision from an older one is made again. */
export async function savePolicy(tx: Tx, policy: AutoReloadPolicy, nowMs: number): Promise<void> {
  const { organizationId, ...data } = policyToRow(policy, nowMs);
  await tx.autoReload.updateMany({
    where: { organizationId },
    data: { ...data, version: { increment: 1 } },
  });
}

export function policyFromRow(row: AutoReloadRow): AutoReloadPolicy {
  const { currency, lastErrorAt, cappedUntil, notBefore, nextCheckAt, ...rest } = row;
  const { createdAt, updatedAt, pausedReason, pausedAt, judgedFrom, ...kept } = rest;
  invariant(isIsoCurrency(currency), 'a stored policy has a currency that we know');
  const reason = TAKING_REASONS.find((known) => known === pausedReason) ?? null;
  invariant(reason === pausedReason, 'a stored policy is paused for a reason that we know');
  return {
    ...kept,
    currency,
    pausedReason: reason,
    pausedAtMs: pausedAt?.getTime() ?? null,
    judgedFromMs: judgedFrom.getTime(),
    lastErrorAtMs: lastErrorAt?.getTime() ?? null,
    cappedUntilMs: cappedUntil?.getTime() ?? null,
    notBeforeMs: notBefore?.getTime() ?? null,
    nextCheckAtMs: nextCheckAt.getTime(),
    createdAtMs: createdAt.getTime(),
    updatedAtMs: updatedAt.getTime(),
  };
}

/** Without what is never written again or counted by the database: creation and version. */
export function policyToRow(policy: AutoReloadPolicy, nowMs: number) {
  const { lastErrorAtMs, cappedUntilMs, notBeforeMs, nextCheckAtMs, ...rest } = policy;
  const { version: _version, createdAtMs: _created, updatedAtMs: _updated, ...others } = rest;
  const { pausedAtMs, judgedFromMs, ...kept } = others;
  return {
    ...kept,
    pausedAt: dateOf(pausedAtMs),
    judgedFrom: new Date(judgedFromMs),
    lastErrorAt: dateOf(lastErrorAtMs),
    cappedUntil: dateOf(cappedUntilMs),
    notBefore: dateOf(notBeforeMs),
    nextCheckAt: new Date(nextCheckAtMs),
    updatedAt: new Date(nowMs),
  };
}
