import { systemClock, type AccountClock, type Clock } from '@orbit/kernel';
import { instances, type Feature } from '@orbit/runtime';
import type { Pool } from 'pg';
import { PostgresBlockReader } from '../blocks/adapters/postgres-block-reader.js';
import type { ChangeWallet } from '../books/application/change-wallet.js';
import type { BlockReader } from '../books/application/shared-ports.js';
import { BalanceStepsController } from './adapters/balance-steps.controller.js';
import { CreditDrawsController } from './adapters/credit-draws.controller.js';
import { CreditSalesController } from './adapters/credit-sales.controller.js';
import { CreditsController } from './adapters/credits.controller.js';
import { PostgresAccruals } from './adapters/postgres-accruals.js';
import { PostgresBalanceSteps } from './adapters/postgres-balance-steps.js';
import { PostgresCreditBlocks } from './adapters/postgres-credit-blocks.js';
import { PostgresDocumentDraws } from './adapters/postgres-document-draws.js';
import { PostgresKeptAnswers } from './adapters/postgres-kept-answers.js';
import { PostgresStatements } from './adapters/postgres-statements.js';
import { PostgresSoldBlocks } from './adapters/postgres-sold-blocks.js';
import { BookEntry } from './application/book-entry.js';
import { DeleteCreditBlock } from './application/delete-credit-block.js';
import { DrawCredits } from './application/draw-credits.js';
import { KeepPending } from './application/pending-usage.js';
import { ReadBalanceSteps } from './application/read-balance-steps.js';
import { SellCredits } from './application/sell-credits.js';
import { ServeCreditBlocks } from './application/serve-credit-blocks.js';
import { ServeCredits } from './application/serve-credits.js';
import { ServeLedgerEntry } from './application/serve-ledger-entry.js';

/** The use cases of credits. */
export interface CreditServices {
  readonly credits: ServeCredits;
  readonly entries: ServeLedgerEntry;
  readonly blocks: ServeCreditBlocks;
  readonly deletion: DeleteCreditBlock;
  readonly draws: DrawCredits;
  readonly sales: SellCredits;
  readonly pending: KeepPending;
}

export function creditServices(
  pool: Pool,
  changeWallet: ChangeWallet,
  payments: Pick<BlockReader, 'listPayments'>,
  clock: Clock,
  accountClock: AccountClock,
): CreditServices {
  const blocks = new PostgresCreditBlocks(pool);
  const statements = new PostgresStatements(pool);
  const sold = new PostgresSoldBlocks(pool);
  const accruals = new PostgresAccruals(pool);
  const pending = new KeepPending(changeWallet, blocks, accruals, clock);
  const bookEntry = new BookEntry(changeWallet, blocks, statements, payments, pending, clock);
  return {
    credits: new ServeCredits(changeWallet, blocks, statements, sold, accruals, accountClock),
    entries: new ServeLedgerEntry(bookEntry, new PostgresKeptAnswers(pool, systemClock)),
    blocks: new ServeCreditBlocks(blocks, sold, accountClock),
    deletion: new DeleteCreditBlock(changeWallet, blocks, sold, pending, clock),
    draws: new DrawCredits(changeWallet, blocks, new PostgresDocumentDraws(pool), pending, clock),
    pending,
    sales: new SellCredits(bookEntry, changeWallet, blocks, sold, accountClock),
  };
}

/** Credits of /v1. */
export function creditsFeature(
  pool: Pool,
  changeWallet: ChangeWallet,
  accountClock: AccountClock,
): Feature {
  const payments = new PostgresBlockReader(pool);
  const services = creditServices(pool, changeWallet, payments, systemClock, accountClock);
  return {
    controllers: [
      CreditsController,
      CreditDrawsController,
      CreditSalesController,
      BalanceStepsController,
    ],
    providers: instances(
      ...Object.values(services),
      new ReadBalanceSteps(new PostgresBalanceSteps(pool)),
    ),
  };
}
