import { systemClock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { instances, type Feature } from '@orbit/runtime';
import type { PrismaMeteringStore } from '../rollups/adapters/prisma-metering-store.js';
import { PrismaUsagePeriods } from './adapters/prisma-usage-periods.js';
import { USAGE_PERIODS, UsagePeriodController } from './adapters/usage-period.controller.js';
import { UsageController } from './adapters/usage.controller.js';
import { ReadUsage } from './application/read-usage.js';

/** Answers about what was charged. */
export const usageFeature = (store: PrismaMeteringStore, prisma: PrismaClient): Feature => ({
  controllers: [UsageController, UsagePeriodController],
  providers: [
    ...instances(new ReadUsage(store, systemClock)),
    { provide: USAGE_PERIODS, useValue: new PrismaUsagePeriods(prisma) },
  ],
});
