import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { WakeUp, type Feature } from '@orbit/runtime';
import { PrismaGrantStore } from './adapters/prisma-grant-store.js';
import { GrantAllowances } from './application/grant-allowances.js';
import type { AllowanceLedger } from './application/ports.js';

/** Between two looks while there are allowances to grant, in milliseconds. */
const GRANT_INTERVAL_MS = 1_000;
/** A writer of a due allowance wakes this; one left behind by a process that died is found after so long. */
const GRANT_IDLE_MS = 30_000;

/** With the wake-up for whoever writes down an allowance that is to be granted. */
export interface AllowancesFeature extends Feature {
  readonly toGrant: WakeUp;
}

/** Allowances that plans include, granted by the ledger. */
export function allowancesFeature(
  prisma: PrismaClient,
  ledger: AllowanceLedger,
  clock: Clock,
): AllowancesFeature {
  const grants = new GrantAllowances(new PrismaGrantStore(prisma), ledger, clock);
  const toGrant = new WakeUp();
  const job = {
    ...{ name: 'grant allowances', wokenBy: toGrant, startsAtOnce: true, isQuiet: true },
    ...{ intervalMs: GRANT_INTERVAL_MS, idleIntervalMs: GRANT_IDLE_MS },
    // Whoever paid is not made to wait longer than the ledger is unavailable.
    backsOff: false,
    run: () => grants.run(),
  };
  return { jobs: [job], toGrant };
}
