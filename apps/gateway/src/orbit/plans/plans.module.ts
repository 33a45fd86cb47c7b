import { instances, type Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../../gateway.ports.js';
import { PlansController } from './plans.controller.js';
import { UsePlans } from './use-plans.js';

/** Plans that Stripe sells, and the subscription of an organization. */
export const plansFeature = ({
  clients,
  clock,
  planKnowledge,
}: Pick<GatewayPorts, 'clients' | 'clock' | 'planKnowledge'>): Feature => ({
  controllers: [PlansController],
  providers: instances(new UsePlans(clients, clock, planKnowledge)),
});
