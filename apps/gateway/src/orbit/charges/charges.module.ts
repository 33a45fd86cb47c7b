import { instances, type Feature } from '@orbit/runtime';
import { POSTING_WAIT_MS } from '../../gateway.config.js';
import type { GatewayPorts } from '../../gateway.ports.js';
import { AuthorizationsController } from './authorizations.controller.js';
import { ChargesController } from './charges.controller.js';
import { SpendWallet } from './spend-wallet.js';

/** Charges and authorizations. */
export const chargesFeature = (
  ports: Pick<GatewayPorts, 'spender' | 'clients' | 'replies' | 'clock' | 'authorizationIdOf'>,
): Feature => ({
  controllers: [ChargesController, AuthorizationsController],
  providers: instances(
    new SpendWallet(
      ports.spender,
      ports.clients.wallets,
      ports.replies,
      POSTING_WAIT_MS,
      ports.clock,
      ports.authorizationIdOf,
    ),
  ),
});
