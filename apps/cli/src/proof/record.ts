/** Lines of an export of the ledger: rows of its tables, integers of 64 bits as text, instants in ISO, bytes in hex. */

export interface WalletRecord {
  readonly wallet_no: string;
  readonly wallet_id: string;
  readonly organization_id: string;
  readonly currency: string;
  readonly sequence: string;
  readonly balance_micros: string;
}

export interface BlockRecord {
  readonly wallet_no: string;
  readonly sequence: string;
  readonly amount_micros: string;
  readonly remaining_micros: string;
  readonly expired_micros: string;
  readonly repaid_micros: string;
}

export interface EscrowRecord {
  readonly wallet_no: string;
  readonly escrow_id: string;
  readonly granted_micros: string;
  readonly spent_micros: string;
  /** `block` is null for what the overdraft carries. */
  readonly slices: readonly { readonly block: string | null; readonly amount: string }[];
}

export interface EntryRecord {
  readonly wallet_no: string;
  readonly sequence: string;
  readonly type: number;
  readonly from_account: number;
  readonly to_account: number;
  readonly slice: number;
  readonly notices: number;
  readonly amount_micros: string;
  readonly balance_after_micros: string;
  readonly block_sequence: string | null;
  readonly quantity: number | null;
  readonly occurred_at: string;
  readonly booked_at: string;
  readonly reference: string;
  readonly channel: string | null;
  readonly metadata: { readonly repaid?: boolean } | null;
  readonly authorized_by?: string | null;
}

export interface SealRecord {
  readonly wallet_no: string;
  readonly first_sequence: string;
  readonly last_sequence: string;
  readonly root_no: string;
  readonly leaf_index: number;
  /** One behind the other. */
  readonly hashes: string;
}

export interface RootRecord {
  readonly root_no: string;
  readonly previous_root: string | null;
  readonly merkle_root: string | null;
  readonly root: string;
  /** One behind the other. */
  readonly leaves: string;
  readonly wallet_count: number;
  readonly entry_count: number;
  readonly sealed_at: string;
}

export interface HeaderRecord {
  readonly format?: string;
}

export interface FooterRecord {
  readonly counts?: Readonly<Record<string, number>>;
}

interface RecordOf {
  header: HeaderRecord;
  root: RootRecord;
  wallet: WalletRecord;
  block: BlockRecord;
  escrow: EscrowRecord;
  seal: SealRecord;
  entry: EntryRecord;
  footer: FooterRecord;
}

export type RecordKind = keyof RecordOf;
/** Kinds that are rows of a table. */
export type TableKind = Exclude<RecordKind, 'header' | 'footer'>;
export type LedgerRecord = {
  [K in RecordKind]: { readonly row: K } & RecordOf[K];
}[RecordKind];

/** Rows by table, in the footer and in what was checked. */
export interface RowCounts {
  wallets: number;
  blocks: number;
  escrows: number;
  seals: number;
  roots: number;
  entries: number;
}

/** A fault in the export, and where it is. */
export interface Finding {
  readonly table: string;
  readonly wallet_no?: string | undefined;
  readonly wallet_id?: string | undefined;
  readonly sequence?: string | undefined;
  readonly root_no?: string | undefined;
  readonly escrow_id?: string | undefined;
  readonly field: string | null;
  readonly problem: string;
  readonly was?: unknown;
  readonly is?: unknown;
  readonly suspects?: string;
}
export type Report = (finding: Finding) => void;
