/**
 * Recomputes a whole ledger from its rows, one wallet in memory at a time. Knows no database: rows come
 * from an export or from a cursor, in the order that `records.ts` gives them.
 */
import type {
  LedgerRecord,
  Finding,
  FooterRecord,
  RowCounts,
  TableKind,
  WalletRecord,
} from './record.js';
import { OrbitCliError } from '../cli/faults.js';
import { columnFault } from './columns.js';
import { RootChain } from './root-chain.js';
import { nameField } from './suspect.js';
import { WalletCheck } from './wallet-check.js';

export const FORMAT = 'orbit.ledger.1';
const FINDINGS_MAX = 100;
/** Finding the changed column takes thousands of hashes: for the first rows only. */
const NAMED_MAX = 20;
const WALLET_ACCOUNT = 1;
type RowOfWallet = Extract<LedgerRecord, { readonly row: Exclude<TableKind, 'root' | 'wallet'> }>;

const COUNTED = {
  root: 'roots',
  wallet: 'wallets',
  block: 'blocks',
  escrow: 'escrows',
  seal: 'seals',
  entry: 'entries',
} as const;

export interface Counts extends RowCounts {
  sealed_entries: number;
}

export interface Verified {
  readonly isClean: boolean;
  readonly findings: Finding[];
  readonly findingsLeftOff: number;
  readonly counts: Counts;
  readonly currencies: readonly CurrencySum[];
}

/** Micros: of all accounts together, and of the wallets alone. */
interface CurrencySum {
  readonly currency: string;
  readonly sum: bigint;
  readonly in_wallets: bigint;
}

const isTable = (kind: string | undefined): kind is TableKind => Object.hasOwn(COUNTED, kind ?? '');

export class LedgerVerifier {
  readonly findings: Finding[] = [];
  findingsLeftOff = 0;
  readonly counts: Counts = {
    wallets: 0,
    blocks: 0,
    escrows: 0,
    seals: 0,
    roots: 0,
    entries: 0,
    sealed_entries: 0,
  };
  readonly #roots: RootChain;
  #wallet: WalletCheck | null = null;
  /** The last line of the export; null while it has not come. */
  #exported: FooterRecord | null = null;
  #isInRoots = true;
  #hasHeader = false;
  /** currency → account → sum. */
  readonly #totals = new Map<string, Map<number, bigint>>();
  /** currency → Σ of the wallets' own balances. */
  readonly #balances = new Map<string, bigint>();

  constructor({ published }: { readonly published?: Map<string, string> } = {}) {
    this.#roots = new RootChain((finding) => this.#report(finding), published);
  }

  /** A line as it was read: whether it is a record shows here. */
  accept(line: unknown): void {
    const kind = (line as { row?: string } | null)?.row;
    if (!this.#hasHeader && kind !== 'header') {
      this.#hasHeader = true;
      this.#report({ table: 'export', field: null, problem: 'its first line is missing' });
    }
    const unreadable = columnFault(line);
    if (unreadable !== null) {
      const counted = isTable(kind) ? COUNTED[kind] : undefined;
      if (counted !== undefined) this.counts[counted] += 1;
      if (kind === 'wallet') this.#endWallet();
      this.#report(unreadable);
      return;
    }
    if (this.#isInRoots && kind !== 'header' && kind !== 'root') {
      this.#isInRoots = false;
      this.#roots.endOfRoots();
    }
    const record = line as LedgerRecord;
    switch (record.row) {
      case 'header':
        this.#hasHeader = true;
        if (record.format !== FORMAT) {
          throw new OrbitCliError(`This is not an export of ${FORMAT}, which this orbit reads.`);
        }
        return;
      case 'root':
        this.counts.roots += 1;
        return this.#roots.accept(record);
      case 'wallet':
        return this.#begin(record);
      case 'footer':
        this.#exported = record;
        return this.#endWallet();
      default:
        return this.#row(record);
    }
  }

  /**
   * Returns the number of checked records, and the findings in the order in which they were met; sums are in micros.
   */
  finish(): Verified {
    this.#endWallet();
    this.#roots.finish();
    if (this.#exported === null) {
      this.#report({ table: 'export', field: null, problem: 'it ends before its last line' });
    } else this.#compareCounts(this.#exported.counts);
    const currencies = [...this.#totals].map(([currency, accounts]) =>
      this.#sumToZero(currency, accounts),
    );
    return {
      isClean: this.findings.length === 0,
      findings: this.findings,
      findingsLeftOff: this.findingsLeftOff,
      counts: this.counts,
      currencies,
    };
  }

  #begin(wallet: WalletRecord): void {
    this.#endWallet();
    this.counts.wallets += 1;
    this.#wallet = new WalletCheck(
      wallet,
      this.#roots,
      (finding) => this.#report(finding),
      (...guess) =>
        this.findings.length < NAMED_MAX
          ? nameField(...guess)
          : { field: null, suspects: ['not looked into'] },
    );
    const sum = this.#balances.get(wallet.currency) ?? 0n;
    this.#balances.set(wallet.currency, sum + BigInt(wallet.balance_micros));
    if (!this.#totals.has(wallet.currency)) this.#totals.set(wallet.currency, new Map());
  }

  #row(record: RowOfWallet): void {
    const kind = record.row;
    this.counts[COUNTED[kind]] += 1;
    const wallet = this.#wallet;
    if (wallet?.wallet.wallet_no !== record.wallet_no) {
      const { wallet_no } = record;
      const sequence = 'sequence' in record ? record.sequence : undefined;
      const table = kind === 'block' ? 'credit_block' : kind;
      this.#report({ table, wallet_no, sequence, field: 'wallet_no', problem: 'no such wallet' });
      return;
    }
    if (record.row === 'block') wallet.block(record);
    else if (record.row === 'escrow') wallet.escrow(record);
    else if (record.row === 'seal') {
      wallet.seal(record);
      this.counts.sealed_entries += record.hashes.length / 64;
    } else {
      wallet.entry(record);
      const accounts = this.#totals.get(wallet.wallet.currency);
      const amount = BigInt(record.amount_micros);
      add(accounts, record.to_account, amount);
      add(accounts, record.from_account, -amount);
    }
  }

  #endWallet(): void {
    this.#wallet?.finish();
    this.#wallet = null;
  }

  #sumToZero(currency: string, accounts: ReadonlyMap<number, bigint>): CurrencySum {
    let sum = 0n;
    for (const amount of accounts.values()) sum += amount;
    const inWallets = accounts.get(WALLET_ACCOUNT) ?? 0n;
    const balances = this.#balances.get(currency) ?? 0n;
    const table = 'account';
    if (sum !== 0n) this.#report({ table, field: currency, problem: `accounts sum to ${sum}` });
    if (inWallets !== balances) {
      const problem = `entries leave ${inWallets} in wallets, their balances say ${balances}`;
      this.#report({ table, field: currency, problem });
    }
    return { currency, sum, in_wallets: balances };
  }

  #compareCounts(counts: FooterRecord['counts']): void {
    if (counts?.['entries'] === undefined) {
      this.#report({ table: 'export', field: 'counts', problem: 'its last line has no counts' });
    }
    for (const [name, count] of Object.entries(counts ?? {})) {
      const found = (this.counts as unknown as Readonly<Record<string, number>>)[name];
      if (found === count) continue;
      const problem = `${count} ${name} were exported, ${found} are there`;
      this.#report({ table: 'export', field: name, problem });
    }
  }

  #report(finding: Finding): void {
    if (this.findings.length < FINDINGS_MAX) this.findings.push(finding);
    else this.findingsLeftOff += 1;
  }
}

function add(accounts: Map<number, bigint> | undefined, account: number, amount: bigint): void {
  accounts?.set(account, (accounts.get(account) ?? 0n) + amount);
}
