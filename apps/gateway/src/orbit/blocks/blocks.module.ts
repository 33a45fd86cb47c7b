import type { Feature } from '@orbit/runtime';
import { CreditBlocksController } from './credit-blocks.controller.js';
import { GrantSchedulesController } from './grant-schedules.controller.js';
import { OperatorBlocksController } from './operator-blocks.controller.js';

/** Credit blocks and grant schedules; the ledger answers. */
export const blocksFeature = (): Feature => ({
  controllers: [OperatorBlocksController, GrantSchedulesController, CreditBlocksController],
});
