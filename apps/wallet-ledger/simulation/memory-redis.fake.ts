import { micros, type Micros } from '@orbit/money';
import {
  walletKey,
  type ClaimResult,
  type ClaimRequest,
  type HotBalancesPort,
  type HotWalletState,
  type Settlement,
} from '../src/books/application/ports.js';
import type { CrashPoint } from './crash.fake.js';

const CLAIM_TTL_MS = 30_000;

interface Hold {
  readonly chargeId: string;
  readonly expiresAtMs: number;
  amountMicros: bigint;
  state: 'held' | 'captured' | 'released' | 'settled';
}

interface HotWallet {
  state: HotWalletState | null;
  /** A claim lapsed: only the ledger knows whether it was committed. */
  isStale: boolean;
  readonly holds: Map<string, Hold>;
  readonly claims: Map<string, { amountMicros: bigint; expiresAtMs: number }>;
}

/**
 * The rules of libs/spend (its Lua is tested against a model of its own, on a real Redis), in memory, so
 * that a million operations of the ledger take a minute.
 */
export class MemoryRedis implements HotBalancesPort {
  private readonly wallets = new Map<string, HotWallet>();

  constructor(
    private readonly crash: CrashPoint,
    private readonly nowMs: () => number,
  ) {}

  claim(requests: readonly ClaimRequest[]): Promise<readonly ClaimResult[]> {
    this.crash.pass();
    const grants = requests.map((request) => this.claimOne(request));
    this.crash.pass();
    return Promise.resolve(grants);
  }

  confirm(settlements: readonly Settlement[]): Promise<void> {
    for (const settlement of settlements) {
      // A process may die with half of its settlements done.
      this.crash.pass();
      this.settleOne(settlement);
    }
    this.crash.pass();
    return Promise.resolve();
  }

  /** What may be spent; null when the wallet must be loaded from the ledger first. */
  available(name: string): bigint | null {
    const wallet = this.wallet(name);
    this.sweepClaims(wallet);
    const { state } = wallet;
    if (!state || wallet.isStale) return null;
    if (state.validUntilMs !== null && this.nowMs() >= state.validUntilMs) return null;
    return this.limit(state) - this.held(name);
  }

  /** Σ of open holds, captures that are not settled, and claims. */
  held(name: string): bigint {
    const wallet = this.wallet(name);
    let sum = 0n;
    for (const hold of wallet.holds.values()) if (this.isOpen(hold)) sum += hold.amountMicros;
    for (const { amountMicros, expiresAtMs } of wallet.claims.values()) {
      if (expiresAtMs > this.nowMs()) sum += amountMicros;
    }
    return sum;
  }

  state(name: string): HotWalletState | null {
    return this.wallet(name).state;
  }

  authorize(name: string, chargeId: string, amountMicros: bigint, ttlMs: number): boolean {
    const wallet = this.wallet(name);
    const available = this.available(name);
    if (available === null || available < amountMicros || wallet.holds.has(chargeId)) return false;
    if (wallet.state?.pausedReason) return false;
    const expiresAtMs = this.nowMs() + ttlMs;
    wallet.holds.set(chargeId, { chargeId, amountMicros, expiresAtMs, state: 'held' });
    return true;
  }

  /** The amount that is charged, or why it is not. */
  capture(name: string, chargeId: string, amountMicros: bigint): Micros | 'refused' | 'unknown' {
    const hold = this.wallet(name).holds.get(chargeId);
    if (!hold) return 'unknown';
    if (hold.state !== 'held' || hold.expiresAtMs <= this.nowMs()) return 'refused';
    if (amountMicros > hold.amountMicros) return 'refused';
    hold.state = 'captured';
    hold.amountMicros = amountMicros;
    return micros(amountMicros);
  }

  release(name: string, chargeId: string): void {
    const hold = this.wallet(name).holds.get(chargeId);
    if (hold && this.isOpen(hold) && hold.state === 'held') hold.state = 'released';
  }

  /** The ledger writes what it has committed, when a client found nothing or something too old. */
  load(state: HotWalletState): void {
    const wallet = this.wallet(walletKey(state));
    this.sweepClaims(wallet);
    wallet.isStale = false;
    this.settleOne({ wallet: state, charges: [], claimId: null });
  }

  /** Everything is gone. */
  flush(): void {
    this.wallets.clear();
  }

  private wallet(name: string): HotWallet {
    let wallet = this.wallets.get(name);
    if (!wallet) {
      wallet = { state: null, isStale: false, holds: new Map(), claims: new Map() };
      this.wallets.set(name, wallet);
    }
    return wallet;
  }

  private sweepClaims(wallet: HotWallet): void {
    for (const [claimId, { expiresAtMs }] of wallet.claims) {
      if (expiresAtMs > this.nowMs()) continue;
      wallet.claims.delete(claimId);
      wallet.isStale = true;
    }
  }

  private isOpen({ state, expiresAtMs }: Hold): boolean {
    return state === 'captured' || (state === 'held' && expiresAtMs > this.nowMs());
  }

  private limit(state: HotWalletState): bigint {
    return state.postedMicros + state.overdraftMicros - state.escrowedMicros;
  }

  private write(wallet: HotWallet, state: HotWalletState): void {
    if (wallet.state === null || state.version >= wallet.state.version) wallet.state = state;
  }

  private claimOne({ wallet: state, claimId, charges }: ClaimRequest): ClaimResult {
    const name = walletKey(state);
    const wallet = this.wallet(name);
    this.write(wallet, state);
    wallet.claims.delete(claimId);
    this.sweepClaims(wallet);
    let available = this.limit(wallet.state ?? state) - this.held(name);
    const granted = new Set<string>();
    const held = new Set<string>();
    let sum = 0n;
    for (const { chargeId, amountMicros } of charges) {
      const hold = wallet.holds.get(chargeId);
      if (hold && this.isOpen(hold) && amountMicros <= hold.amountMicros) {
        available += hold.amountMicros - amountMicros;
        hold.amountMicros = amountMicros;
        hold.state = 'captured';
        granted.add(chargeId);
        held.add(chargeId);
      } else if (amountMicros <= available - sum && !granted.has(chargeId)) {
        sum += amountMicros;
        granted.add(chargeId);
      }
    }
    if (sum > 0n) {
      const expiresAtMs = this.nowMs() + CLAIM_TTL_MS;
      wallet.claims.set(claimId, { amountMicros: sum, expiresAtMs });
    }
    return { granted, held };
  }

  private settleOne({ wallet: state, charges, claimId }: Settlement): void {
    const wallet = this.wallet(walletKey(state));
    this.write(wallet, state);
    if (claimId !== null) wallet.claims.delete(claimId);
    for (const { chargeId } of charges) {
      const hold = wallet.holds.get(chargeId);
      if (hold) hold.state = 'settled';
    }
  }
}
