import type { Feature } from '@orbit/runtime';
import { LeasesController } from './leases.controller.js';

/** Leases; the ledger answers. */
export const leasesFeature = (): Feature => ({ controllers: [LeasesController] });
