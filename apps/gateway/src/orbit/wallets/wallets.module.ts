import { instances, type Feature } from '@orbit/runtime';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GatewayPorts } from '../../gateway.ports.js';
import { CaughtUp } from './caught-up.js';
import { ReadBalance } from './read-balance.js';
import { TransactionsController } from './transactions.controller.js';
import { WalletOperationsController } from './wallet-operations.controller.js';
import { WalletController } from './wallet.controller.js';

/** With the wait until a balance shows what was booked. */
export interface WalletsFeature extends Feature {
  readonly caughtUp: CaughtUp;
}

/** Balances, transactions and what operators do to wallets. */
export function walletsFeature({
  clients,
  hot,
  clock,
}: Pick<GatewayPorts, 'clients' | 'hot' | 'clock'>): WalletsFeature {
  const caughtUp = new CaughtUp(hot, (ms) => sleep(ms));
  return {
    controllers: [WalletController, TransactionsController, WalletOperationsController],
    providers: instances(new ReadBalance(clients.wallets, caughtUp, clock)),
    caughtUp,
  };
}
