import type { Listed } from '@orbit/orb-api';

/** The right of one seat of a subscription, for a time. */
export interface License extends Listed {
  readonly id: string;
  readonly accountId: string;
  readonly subscriptionId: string;
  readonly typeId: string;
  readonly externalId: string;
  readonly startMs: number;
  /** Null: until it is deactivated. */
  readonly endMs: number | null;
}

export const isActiveAt = ({ startMs, endMs }: License, nowMs: number): boolean =>
  startMs <= nowMs && (endMs === null || nowMs < endMs);

/** Whether two times have an instant in common. */
export const overlaps = (
  one: Pick<License, 'startMs' | 'endMs'>,
  other: Pick<License, 'startMs' | 'endMs'>,
): boolean =>
  (other.endMs === null || one.startMs < other.endMs) &&
  (one.endMs === null || other.startMs < one.endMs);

/** A license as the contract shows it at an instant. */
export const toLicense = (license: License, nowMs: number): Readonly<Record<string, unknown>> => ({
  id: license.id,
  subscription_id: license.subscriptionId,
  license_type_id: license.typeId,
  external_license_id: license.externalId,
  status: isActiveAt(license, nowMs) ? 'active' : 'inactive',
  start_date: new Date(license.startMs).toISOString(),
  end_date: license.endMs === null ? null : new Date(license.endMs).toISOString(),
});
