import { systemClock } from '@orbit/kernel';
import { instances, type Feature } from '@orbit/runtime';
import type { Pool } from 'pg';
import { PostgresBlockReader } from '../blocks/adapters/postgres-block-reader.js';
import type { ChangeWallet } from '../books/application/change-wallet.js';
import { CorrectionsController } from './adapters/corrections.controller.js';
import { PostgresMovements } from './adapters/postgres-movements.js';
import type { PostgresWalletReader } from './adapters/postgres-wallet-reader.js';
import { WalletController } from './adapters/wallet.controller.js';
import { CorrectWallet } from './application/correct-wallet.js';
import { ReadMovements } from './application/read-movements.js';
import { ReadWallet } from './application/read-wallet.js';
import { SetPolicies } from './application/set-policies.js';

/** With what tests read wallets by. */
export interface WalletsFeature extends Feature {
  readonly readWallet: ReadWallet;
}

/** Wallets: opened, read, given policies, corrected. */
export function walletsFeature(
  pool: Pool,
  reader: PostgresWalletReader,
  changeWallet: ChangeWallet,
): WalletsFeature {
  const readWallet = new ReadWallet(reader, systemClock);
  return {
    controllers: [WalletController, CorrectionsController],
    providers: instances(
      readWallet,
      new ReadMovements(reader, new PostgresMovements(pool), systemClock),
      new SetPolicies(changeWallet, reader, systemClock),
      new CorrectWallet(changeWallet, reader, new PostgresBlockReader(pool)),
    ),
    readWallet,
  };
}
