/**
 * Recomputes a whole ledger from its rows, one wallet in memory at a time. Knows no database: rows come
 * from an export or from a cursor, in the order that `ledger-records.mjs` gives them.
 */
import { OrbitCliError } from './faults.mjs';
import { columnFault } from './ledger-columns.mjs';
import { RootChain } from './ledger-roots.mjs';
import { nameField } from './ledger-suspect.mjs';
import { WalletCheck } from './ledger-wallet-check.mjs';

export const FORMAT = 'orbit.ledger.1';
const FINDINGS_MAX = 100;
/** Finding the changed column takes thousands of hashes: for the first rows only. */
const NAMED_MAX = 20;
const WALLET_ACCOUNT = 1;
const COUNTED = {
  root: 'roots',
  wallet: 'wallets',
  block: 'blocks',
  escrow: 'escrows',
  seal: 'seals',
  entry: 'entries',
};

export class LedgerVerifier {
  findings = [];
  findingsLeftOff = 0;
  counts = { wallets: 0, blocks: 0, escrows: 0, seals: 0, roots: 0, entries: 0, sealed_entries: 0 };
  #roots;
  #wallet = null;
  /** What the last line of the export says; null while it has not come. */
  #exported = null;
  #isInRoots = true;
  #hasHeader = false;
  /** currency → account → sum. */
  #totals = new Map();
  /** currency → Σ of the wallets' own balances. */
  #balances = new Map();

  constructor({ published } = {}) {
    this.#roots = new RootChain((finding) => this.#report(finding), published);
  }

  accept(record) {
    const kind = record?.row;
    if (!this.#hasHeader && kind !== 'header') {
      this.#hasHeader = true;
      this.#report({ table: 'export', field: null, problem: 'its first line is missing' });
    }
    const unreadable = columnFault(record);
    if (unreadable !== null) {
      if (COUNTED[kind] !== undefined) this.counts[COUNTED[kind]] += 1;
      if (kind === 'wallet') this.#endWallet();
      this.#report(unreadable);
      return;
    }
    if (this.#isInRoots && kind !== 'header' && kind !== 'root') {
      this.#isInRoots = false;
      this.#roots.endOfRoots();
    }
    switch (kind) {
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
        return this.#row(kind, record);
    }
  }

  /** What was checked, and the findings in the order in which they were met; sums are in micros. */
  finish() {
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

  #begin(wallet) {
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

  #row(kind, record) {
    this.counts[COUNTED[kind]] += 1;
    if (this.#wallet?.wallet.wallet_no !== record.wallet_no) {
      const { wallet_no, sequence } = record;
      const table = kind === 'block' ? 'credit_block' : kind;
      this.#report({ table, wallet_no, sequence, field: 'wallet_no', problem: 'no such wallet' });
      return;
    }
    this.#wallet[kind](record);
    if (kind === 'seal') {
      this.counts.sealed_entries += record.hashes.length / 64;
    } else if (kind === 'entry') {
      const accounts = this.#totals.get(this.#wallet.wallet.currency);
      const amount = BigInt(record.amount_micros);
      add(accounts, record.to_account, amount);
      add(accounts, record.from_account, -amount);
    }
  }

  #endWallet() {
    this.#wallet?.finish();
    this.#wallet = null;
  }

  #sumToZero(currency, accounts) {
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

  #compareCounts(counts) {
    if (counts?.entries === undefined) {
      this.#report({ table: 'export', field: 'counts', problem: 'its last line has no counts' });
    }
    for (const [name, count] of Object.entries(counts ?? {})) {
      if (this.counts[name] === count) continue;
      const problem = `${count} ${name} were exported, ${this.counts[name]} are there`;
      this.#report({ table: 'export', field: name, problem });
    }
  }

  #report(finding) {
    if (this.findings.length < FINDINGS_MAX) this.findings.push(finding);
    else this.findingsLeftOff += 1;
  }
}

function add(accounts, account, amount) {
  accounts.set(account, (accounts.get(account) ?? 0n) + amount);
}
