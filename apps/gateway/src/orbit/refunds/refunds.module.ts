import { instances, type Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../../gateway.ports.js';
import { ManageRefunds } from './manage-refunds.js';
import { OperatorRefundsController, RefundsController } from './refunds.controller.js';

/** Refunds and disputes. */
export const refundsFeature = ({ refunds }: Pick<GatewayPorts, 'refunds'>): Feature => ({
  controllers: [RefundsController, OperatorRefundsController],
  providers: instances(new ManageRefunds(refunds)),
});
