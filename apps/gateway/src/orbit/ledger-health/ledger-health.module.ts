import { instances, type Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../../gateway.ports.js';
import { LedgerHealthController } from './ledger-health.controller.js';
import { CheckLedger } from './ledger-health.js';
import { LedgerOperatorController } from './ledger-operator.controller.js';

/** How the ledger is, and balances of the past. */
export const ledgerHealthFeature = ({
  clients,
  clock,
}: Pick<GatewayPorts, 'clients' | 'clock'>): Feature => ({
  controllers: [LedgerOperatorController, LedgerHealthController],
  providers: instances(new CheckLedger(clients.ledgerHealth, clock)),
});
