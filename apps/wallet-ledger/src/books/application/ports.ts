import type { BlockReason, ChargeRejection } from '@orbit/contracts';
import type { TopicName } from '@orbit/events';
import type { Currency, Micros } from '@orbit/money';
import type { TraceHeaders } from '@orbit/runtime';
import type { Block, Entry, EntryType, Escrow, LeaseFunding, Wallet } from '../domain/wallet.js';
import type { PriceRemainder } from '../domain/price-remainder.js';
import type { ChangedBlock } from '../domain/wallet-draft.js';

/** Names one wallet from outside. */
export interface WalletKey {
  readonly organizationId: string;
  readonly currency: Currency;
}

/** A charge that was rejected; kept so that its repeat is answered the same. */
export interface Rejection {
  readonly walletNo: bigint;
  readonly chargeId: string;
  readonly reason: ChargeRejection;
  readonly amountMicros: Micros;
  readonly channel: string;
  readonly rejectedAtMs: number;
}

/** The result of an earlier delivery of the same reference. */
export type KnownOutcome =
  | { readonly status: 'booked'; readonly entries: readonly Entry[] }
  | { readonly status: 'rejected'; readonly rejection: Rejection };

/** All that one batch writes. */
export interface LedgerWrite {
  readonly wallets: readonly Wallet[];
  /** Those of them whose policies changed, or whatever else charges leave alone. */
  readonly policies: readonly Wallet[];
  readonly blocks: readonly ChangedBlock[];
  readonly escrows: readonly Escrow[];
  readonly grants: readonly LeaseFunding[];
  readonly entries: readonly Entry[];
  readonly rejections: readonly Rejection[];
  /** The events of changes: they stay in the outbox until Kafka has them. */
  readonly outbox: readonly KeptEvent[];
  /** The rows that features keep beside the books, of the same changes. */
  readonly beside?: readonly BesideWrite[];
  /** The remainders of charges by price. */
  readonly remainders?: readonly PriceRemainder[];
}

/** Runs one statement of a transaction. */
export interface SqlRunner {
  query(
    text: string,
    values: readonly unknown[],
  ): Promise<{ readonly rows: unknown[]; readonly rowCount: number | null }>;
}

/** A feature's own rows of a change, written in the transaction of its entries. Errors: CommandFault. */
export interface BesideWrite {
  write(sql: SqlRunner): Promise<void>;
}

/** One command cannot be carried out: it alone fails, the others of its group are decided without it. */
export class CommandFault extends Error {
  override readonly name: string = 'CommandFault';
}

/** A stored reference that a batch must know of. */
export interface OutcomeKey {
  readonly walletNo: bigint;
  readonly reference: string;
}

/** One database transaction. Every method is a constant number of statements, whatever the batch. */
export interface LedgerTransaction {
  /** Locks the wallets, in one order, and reads them with their blocks and escrows. Unknown ones are absent. Keyed by `walletKey`. */
  lockWallets(keys: readonly WalletKey[]): Promise<Map<string, Wallet>>;
  /** Reads the known outcomes of these references. Keyed by `outcomeKey`. */
  readOutcomes(keys: readonly OutcomeKey[]): Promise<Map<string, KnownOutcome>>;
  /** These blocks of wallets, whatever is left of them. */
  readBlocks(
    keys: readonly { readonly walletNo: bigint; readonly sequence: bigint }[],
  ): Promise<readonly { readonly walletNo: bigint; readonly block: Block }[]>;
  /** Escrows by id or reference, closed ones too. */
  readEscrows(
    keys: readonly { readonly walletNo: bigint; readonly idOrReference: string }[],
  ): Promise<readonly Escrow[]>;
  /** Refunds and disputes of these payments, ended ones too. */
  readPaymentEscrows(keys: readonly OutcomeKey[]): Promise<readonly Escrow[]>;
  /** Entries of these blocks that say what was taken back of them (`isTaking`), in their order. */
  readTaken(
    keys: readonly { readonly walletNo: bigint; readonly sequence: bigint }[],
  ): Promise<readonly Entry[]>;
  /** Reads the remainders of charges by these prices; those without anything are absent. */
  readRemainders(
    keys: readonly Pick<PriceRemainder, 'walletNo' | 'price'>[],
  ): Promise<readonly PriceRemainder[]>;
  /** Grants of leases under these references. */
  readFundings(keys: readonly OutcomeKey[]): Promise<readonly LeaseFunding[]>;
  /** Writes everything, or throws a WriteConflict and the transaction is over. */
  save(write: LedgerWrite): Promise<void>;
}

/**
 * Somebody else wrote meanwhile: `fence`, another writer moved a wallet's version; `duplicate`, a
 * reference of the batch is in the books already. Nothing was written; read again and decide anew.
 */
export class WriteConflict extends Error {
  override readonly name = 'WriteConflict';

  constructor(readonly kind: keyof typeof CONFLICTS) {
    super(`${CONFLICTS[kind]}; the batch is decided anew.`);
  }
}

const CONFLICTS = {
  fence: 'Another writer moved one of these wallets',
  duplicate: 'A reference of this batch is booked already',
  overdue: 'The room that this batch claimed may expire before it is committed',
} as const;

export interface LedgerStore {
  inTransaction<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T>;
  /** Kafka has these events, by id: the outbox need not publish them again. */
  dropPublished(eventIds: readonly string[]): Promise<void>;
}

/** The cached balance of one wallet, absolute and fenced by version. */
export interface HotWalletState {
  readonly organizationId: string;
  readonly currency: Currency;
  readonly postedMicros: Micros;
  readonly overdraftMicros: Micros;
  /** Set aside for leases, refunds and disputes. */
  readonly escrowedMicros: Micros;
  /** A capture after the end of its hold is posted all the same. */
  readonly allowsLateCapture: boolean;
  readonly version: bigint;
  readonly pausedReason: BlockReason | null;
  /** First instant at which this state is no longer true by itself (a block expires or begins); null never. */
  readonly validUntilMs: number | null;
}

export interface ClaimRequest {
  readonly wallet: HotWalletState;
  readonly claimId: string;
  readonly charges: readonly { readonly chargeId: string; readonly amountMicros: Micros }[];
}

/** Of one wallet's charges, by charge id. */
export interface ClaimResult {
  /** Those that fit. */
  readonly granted: ReadonlySet<string>;
  /** Those of them that a hold of their own covered, which the settlement must free. */
  readonly held: ReadonlySet<string>;
}

export interface PostedCharge {
  readonly chargeId: string;
  readonly amountMicros: Micros;
  readonly outcome: 'posted' | 'rejected';
}

export interface Settlement {
  readonly wallet: HotWalletState;
  readonly charges: readonly PostedCharge[];
  /** The claim that ends with this settlement. */
  readonly claimId: string | null;
}

/** Hot balances in Redis: a cache that the ledger alone writes (libs/spend). */
export interface HotBalancesPort {
  /** Reserves room for charges that came without a hold; answers which ones fit, wallet by wallet. One round trip. */
  claim(requests: readonly ClaimRequest[]): Promise<readonly ClaimResult[]>;
  /** Sets posted balances, frees the holds of decided charges, drops claims. One round trip; any order or repetition ends right. */
  confirm(settlements: readonly Settlement[]): Promise<void>;
}

/** Binds a load to the memory of Redis in which it began. */
export interface LoadPermit {
  readonly epoch: string;
  readonly nonce: string;
}

/** Brings wallets to Redis and lets them be authorized from. */
export interface HotLoads {
  /** To be had before the wallet is read. Null while the memory of Redis is not to be trusted, or Redis is unavailable. */
  permit(key: WalletKey): Promise<LoadPermit | null>;
  /** False when the memory was lost since. */
  load(wallet: HotWalletState, permit: LoadPermit): Promise<boolean>;
}

/** The traces that a group does its work for. */
export interface GroupTraces {
  /** Of whoever asks now. */
  current(): TraceHeaders | undefined;
  /** Runs the work of a group, as one that links to all of them and belongs to none. */
  around<T>(traces: readonly TraceHeaders[], work: () => Promise<T>): Promise<T>;
}

export const NO_TRACES: GroupTraces = { current: () => undefined, around: (_, work) => work() };

export interface LedgerEvent {
  readonly topic: TopicName;
  /** Stable across republication, so that consumers can drop duplicates. */
  readonly id: string;
  readonly key: string;
  readonly value: unknown;
  /** Of what asked for it; goes into its headers. Not kept in the outbox. */
  readonly trace?: TraceHeaders;
}

/** An event of the outbox, with the instant of its batch. */
export interface KeptEvent extends LedgerEvent {
  readonly atMs: number;
}

export interface LedgerEvents {
  /** Durable when it resolves. */
  publish(events: readonly LedgerEvent[], timeMs: number): Promise<void>;
}

/**
 * Publishes to waiting callers (`?wait=posted`) over Redis; best effort, they ask again when they receive nothing.
 */
export interface Replies {
  send(replies: readonly { readonly channel: string; readonly body: unknown }[]): Promise<void>;
}

export const walletKey = ({ organizationId, currency }: WalletKey): string =>
  `${organizationId} ${currency}`;
export const outcomeKey = ({ walletNo, reference }: OutcomeKey): string =>
  `${walletNo} ${reference}`;

export interface WalletRecord {
  readonly wallet: Wallet;
  readonly createdAtMs: number;
}

export interface EntryFilter {
  readonly limit: number;
  /** Entries before this sequence number only; null from the newest. */
  readonly beforeSequence: bigint | null;
  readonly type: EntryType | null;
  readonly channel: string | null;
  /** Half-open [fromMs, toMs) by booking time. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** Reads of wallets and entries, without locks. */
export interface WalletReader {
  /** Opens the wallet once; nothing happens when it is there. */
  open(
    key: WalletKey,
    walletId: string,
    lowBalanceMicros: bigint | null,
    /** Null or absent: that of the organization's first wallet. */
    accountId?: string | null,
  ): Promise<void>;
  find(key: WalletKey): Promise<WalletRecord | null>;
  /** Whether this wallet has this entry. */
  hasEntry(
    key: WalletKey,
    place: { readonly walletNo: bigint; readonly sequence: bigint },
  ): Promise<boolean>;
  /** Newest first. `expiresAtMs` is the block's that the entry brought in; `refundedAtMs` when some of it was last paid back. */
  listEntries(
    key: WalletKey,
    filter: EntryFilter,
  ): Promise<{ entry: Entry; expiresAtMs: number | null; refundedAtMs: number | null }[]>;
  findCharge(
    organizationId: string,
    chargeId: string,
  ): Promise<{ currency: Currency; outcome: KnownOutcome } | null>;
  /** Wallets after this number, in order. */
  listWallets(
    afterWalletNo: bigint,
    limit: number,
  ): Promise<{ walletNo: bigint; key: WalletKey }[]>;
  /** Payments, by reference, whose block is over with something left, and of which claims have taken. */
  listClawedBackOver(key: WalletKey, nowMs: number): Promise<string[]>;
  /** Wallets that have expired credit which is not booked as breakage yet. */
  listExpired(
    nowMs: number,
    limit: number,
    /** Only what expired after this; null whatever expired ever. */
    expiredAfterMs?: number | null,
    /** Of this account; null of all that follow real time. */
    accountId?: string | null,
  ): Promise<WalletKey[]>;
}
