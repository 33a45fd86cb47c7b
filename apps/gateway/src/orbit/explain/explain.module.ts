import { instances, type Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../../gateway.ports.js';
import { ExplainCharge } from './explain-charge.js';
import { ExplainController } from './explain.controller.js';

/** Why a charge was decided as it was. */
export const explainFeature = ({
  clients,
  chargeStates,
}: Pick<GatewayPorts, 'clients' | 'chargeStates'>): Feature => ({
  controllers: [ExplainController],
  providers: instances(new ExplainCharge(clients, chargeStates)),
});
