import type { CreditsDrawn } from '@orbit/contracts';
import type { CreatedBetween, Metadata } from '@orbit/orb-api';
import type { Block, Entry } from '../../books/domain/wallet.js';
import type { BesideWrite, WalletKey } from '../../books/application/ports.js';
import type { Accrual, PendingUsage } from '../domain/pending-draws.js';
import type { StatementRow } from '../domain/statement.js';
import type { StatementType } from '../domain/statement-effects.js';

export type BlockSource = 'allocation' | 'top_up' | 'commitment' | 'manual';

/** A block's terms in /v1, beside the books. */
export interface BlockTerms {
  readonly metadata: Metadata;
  /** As it was written; null when none was given. */
  readonly perUnitCostBasis: string | null;
  readonly source: BlockSource;
  /** Of a block that was sold: its id since before it was booked. Null: the id that the books give it. */
  readonly publicId: string | null;
}

export interface BlockWithTerms extends BlockTerms {
  readonly walletNo: bigint;
  readonly block: Block;
}

/** Whose wallets, in which of these currencies and units. */
export interface CreditHolder {
  readonly organizationId: string;
  readonly currencies: readonly string[];
}

/** The query for a list of a wallet's blocks. */
export interface BlockListQuery {
  readonly includesAll: boolean;
  readonly effective: CreatedBetween;
  readonly beforeSequence: bigint | null;
  readonly limit: number;
  readonly nowMs: number;
  /** By block, what is set aside for usage: a block of which nothing else is left is used up. */
  readonly pending: ReadonlyMap<bigint, bigint>;
}

/** Blocks that were not deleted, and what /v1 says of them. Errors: the database's own. */
export interface CreditBlocks {
  /** Newest first. */
  list(key: WalletKey, query: BlockListQuery): Promise<readonly BlockWithTerms[]>;
  find(walletNo: bigint, sequence: bigint): Promise<BlockWithTerms | null>;
  /** Where a block is booked, by either of its ids; null: nowhere. */
  locate(id: string): Promise<{ readonly walletNo: bigint; readonly sequence: bigint } | null>;
  /** All that have something left. */
  listLeft(walletNo: bigint): Promise<readonly BlockWithTerms[]>;
  /** Whose wallet this is. */
  findKey(walletNo: bigint): Promise<WalletKey | null>;
  /** Every entry of a block, and the wallet's last entry at that moment. */
  readHistory(
    walletNo: bigint,
    sequence: bigint,
  ): Promise<{ readonly asOf: bigint; readonly entries: readonly Entry[] }>;
  /** The debt of the wallet: its blocks less its balance. */
  debtOf(walletNo: bigint): Promise<bigint>;
  /** Which of these organizations have such a block in any wallet. */
  listHolders(organizationIds: readonly string[]): Promise<readonly string[]>;
  /** Every block of a wallet, used up ones too. */
  listAll(walletNo: bigint): Promise<readonly Block[]>;
  /** The part of each block that is set aside for usage that is on no invoice yet. */
  pendingOf(walletNo: bigint): Promise<ReadonlyMap<bigint, bigint>>;
  /**
   * Of each holder, in their order, which of these wallets have a block with something left, or that expired with
   * something left.
   */
  listHeld(holders: readonly CreditHolder[]): Promise<readonly (readonly string[])[]>;
  /** Numbers of all blocks of a wallet. */
  listNumbers(walletNo: bigint): Promise<readonly bigint[]>;
  /** Marks a block as deleted; its wallet's statement is made anew. */
  deletionWrite(walletNo: bigint, sequence: bigint, nowMs: number): BesideWrite;
  termsWrite(walletNo: bigint, sequence: bigint, terms: BlockTerms): BesideWrite;
  /** Changes what is stored under a lock, so that two changes of other keys both count. */
  changeMetadata(
    walletNo: bigint,
    sequence: bigint,
    change: (metadata: Metadata) => Metadata,
  ): Promise<void>;
}

/** A row, and the block it is about. */
export interface RowWithBlock {
  readonly row: StatementRow;
  readonly block: BlockWithTerms | null;
}

export interface StatementQuery {
  readonly type: StatementType | null;
  /** At least this much moved, in either direction. */
  readonly amountMinMicros: bigint | null;
  readonly created: CreatedBetween;
  readonly beforeNumber: bigint | null;
  readonly limit: number;
}

/** The statement of a wallet. A read first adds the entries that it lacks. Errors: the database's own. */
export interface Statements {
  /** Newest first. */
  list(walletNo: bigint, timezone: string, query: StatementQuery): Promise<readonly RowWithBlock[]>;
  /** The sum that decrements that were no charges took of a block, before amendments. */
  decrementedOf(walletNo: bigint, timezone: string, blockSequence: bigint): Promise<bigint>;
}

/** Draws of documents, for good: each once of each wallet. */
export interface DocumentDraws {
  find(documentId: string, currency: string): Promise<CreditsDrawn | null>;
  /** Writes in the transaction of the entries. Errors: CommandFault, when the document drew already. */
  write(answer: CreditsDrawn): BesideWrite;
  /** Keeps that nothing was drawn, unless something is known; answers what is. */
  keep(answer: CreditsDrawn): Promise<CreditsDrawn>;
}

/** Usage that is on no invoice yet, by wallet and subscription. Errors: the database's own. */
export interface Accruals {
  /** The number of a wallet; null: there is none. */
  walletNoOf(key: WalletKey): Promise<bigint | null>;
  /** As one statement sees them, with the mark of the escrow that was set aside for them. */
  read(walletNo: bigint): Promise<PendingUsage>;
  /** In the transaction of the escrow. Errors: CommandFault, when a newer report is there. */
  write(walletNo: bigint, accrual: Accrual): BesideWrite;
}

/** A request with an Idempotency-Key. */
export interface KeyedRequest {
  readonly accountId: string;
  readonly key: string;
  readonly requestHash: string;
}

export interface KeptAnswer {
  readonly requestHash: string;
  readonly status: number;
  readonly body: string;
}

/** Answers under Idempotency-Keys, kept for 48 hours of real time. */
export interface KeptAnswers {
  find(request: KeyedRequest): Promise<KeptAnswer | null>;
  /** Writes in the transaction of the effect. Errors: CommandFault, when another request holds the key. */
  write(request: KeyedRequest, answer: Omit<KeptAnswer, 'requestHash'>): BesideWrite;
  /** Keeps the answer of a request that changed nothing; the first one stays. */
  keep(request: KeyedRequest, answer: Omit<KeptAnswer, 'requestHash'>): Promise<void>;
}
