import { OrbitError, type LoadedWalletView, type WalletView } from '@orbit/contracts';
import { invariant, newId, type Clock } from '@orbit/kernel';
import { formatAmount, type Micros } from '@orbit/money';
import { hasExpired, sweepExpired } from '../domain/expiry.js';
import { setPaused } from '../domain/pause.js';
import { timesOf } from '../domain/times.js';
import type { ChangeRefusal, Wallet } from '../domain/wallet.js';
import type { ChangeCommand, CommandResult, RefusedFields } from './commands.js';
import type { PostBatch } from './post-batch.js';
import type { HotLoads, LedgerEvent, WalletKey, WalletReader } from './ports.js';
import { hotStateOf } from './settlements.js';
import { walletView } from './wallet-views.js';

type Booked = Extract<CommandResult, { status: 'booked' }>;

/** With a sweep every 15 s, one an hour. */
const FULL_SWEEP_EVERY = 240;
const RECENTLY_MS = 31 * 86_400_000;
const WALLETS_PER_SWEEP = 500;

/** Changes of one wallet that do not come over Kafka, through the same group commit as charges. */
export class ChangeWallet {
  private sweepCount = 0;

  constructor(
    private readonly postBatch: PostBatch,
    private readonly reader: WalletReader,
    private readonly hotLoads: HotLoads,
    private readonly clock: Clock,
  ) {}

  /** Opens the wallet once; a repeat answers with the one that is there. */
  async open(
    key: WalletKey,
    lowBalanceMicros: Micros | null,
    accountId: string | null = null,
  ): Promise<WalletView> {
    await this.reader.open(key, newId('wal', this.clock.nowMs()), lowBalanceMicros, accountId);
    const view = await this.load(key);
    if (!view) throw new OrbitError('internal', 'The wallet was opened but is not there.');
    return view;
  }

  /** Reads the wallet and brings it to Redis, unless its memory is not to be trusted; null when there is no such wallet. */
  async load(key: WalletKey): Promise<LoadedWalletView | null> {
    const permit = await this.hotLoads.permit(key);
    const record = await this.reader.find(key);
    if (!record) return null;
    const nowMs = this.clock.nowMs();
    const { wallet } = record;
    const isLoaded =
      permit !== null && (await this.hotLoads.load(hotStateOf(wallet, nowMs), permit));
    return {
      ...walletView(record, nowMs),
      recovering: !isLoaded,
      outage_policy: wallet.outagePolicy,
      outage_budget: formatAmount(wallet.outageBudgetMicros, wallet.currency),
    };
  }

  /**
   * Pauses or resumes by hand. The event is published even when nothing changed: a repeat after a crash publishes it.
   */
  async setPaused(key: WalletKey, isPaused: boolean): Promise<WalletView> {
    await this.change({
      kind: 'change',
      key,
      reference: null,
      reads: {},
      apply: (draft) => {
        setPaused(draft, isPaused);
        return { status: 'changed', entries: [] };
      },
      events: (wallet): LedgerEvent[] => [
        {
          topic: isPaused ? 'wallet.paused' : 'wallet.resumed',
          id: `${isPaused ? 'paused' : 'resumed'}:manual:${wallet.walletNo}:${wallet.version}`,
          key: key.organizationId,
          value: {
            organization_id: key.organizationId,
            wallet_id: wallet.walletId,
            currency: wallet.currency,
            reason: 'manual',
            sequence: String(wallet.sequence),
            occurred_at: new Date(timesOf(wallet, this.clock.nowMs()).accountMs).toISOString(),
          },
        },
      ],
    });
    const view = await this.load(key);
    if (!view) throw new OrbitError('not_found', 'There is no such wallet.');
    return view;
  }

  /**
   * Books expired credit as breakage; the balance that anybody saw does not change. Most runs look at what
   * expired lately, so that their cost does not grow with all that ever expired; the first one and every so
   * often one looks at everything, for what expired while the ledger was down or came back from an escrow.
   */
  async sweepExpired(limit: number): Promise<number> {
    const nowMs = this.clock.nowMs();
    const expiredAfterMs = this.sweepCount % FULL_SWEEP_EVERY === 0 ? null : nowMs - RECENTLY_MS;
    this.sweepCount += 1;
    const keys = await this.reader.listExpired(nowMs, limit, expiredAfterMs);
    for (const key of keys) await this.sweep(key, nowMs);
    return keys.length;
  }

  /** Books credit of an account whose clock stands; it has expired by then. Answers of how many wallets. */
  async sweepAccount(accountId: string, nowMs: number): Promise<number> {
    for (let count = 0; ;) {
      const keys = await this.reader.listExpired(nowMs, WALLETS_PER_SWEEP, null, accountId);
      if (keys.length === 0) return count;
      for (const key of keys) await this.sweep(key, nowMs);
      count += keys.length;
    }
  }

  /** Books what expired of one wallet at once, for who shows its entries; the wallet, or null when there is none. */
  async sweepWallet(key: WalletKey): Promise<Wallet | null> {
    const record = await this.reader.find(key);
    if (!record) return null;
    const nowMs = timesOf(record.wallet, this.clock.nowMs()).accountMs;
    if (!hasExpired(record.wallet, nowMs)) return record.wallet;
    await this.sweep(key, nowMs);
    return (await this.reader.find(key))?.wallet ?? null;
  }

  private async sweep(key: WalletKey, nowMs: number): Promise<void> {
    const payments = await this.reader.listClawedBackOver(key, nowMs);
    await this.change({
      kind: 'change',
      key,
      reference: null,
      reads: { references: payments, payments },
      apply: (draft, context) => {
        const entries = sweepExpired(draft, context.nowMs);
        // A clawback of its payment may wait for what leaves a block now.
        this.postBatch.rules.applyClawbacks(draft, payments, context);
        return { status: 'changed', entries };
      },
    });
  }

  /**
   * Decides one change with the ledger's order of effects. A change that claims room names its claim
   * `claimId`: a repeat of the same change takes the place of what its first run reserved.
   * Errors: OrbitError of REFUSAL_ERRORS when the wallet or the domain refuses it; `conflict` says what this
   * change does not fit, and what to do.
   */
  async change(command: ChangeCommand, claimId = 'change', conflict?: string): Promise<Booked> {
    const [result] = await this.postBatch.run([command], claimId);
    if (result?.status === 'refused') throw refusalError(result.reason, conflict, command.fields);
    invariant(result?.status === 'booked', 'a change is booked or refused');
    return result;
  }
}

/** Turns a refusal of the domain into an error: the only such table. */
export function refusalError(
  reason: ChangeRefusal,
  conflict = 'This does not fit the state that the object is in.',
  fields: RefusedFields = {},
): OrbitError {
  switch (reason) {
    case 'unknown_wallet':
      return new OrbitError('not_found', 'There is no such wallet.');
    case 'not_found':
      return new OrbitError('not_found', 'The wallet has no such object.');
    case 'balance_limit':
      return new OrbitError('invalid_field', 'The balance would pass what a wallet can hold.', {
        param: fields.balance_limit ?? 'amount',
      });
    case 'insufficient_funds':
      return new OrbitError('insufficient_funds', 'The wallet does not cover this amount.');
    case 'paused':
      return new OrbitError('outbound_paused', 'The wallet is paused; resolve the reason first.');
    case 'reference_conflict':
      return new OrbitError('idempotency_key_conflict', 'This key was used for something else.', {
        param: 'Idempotency-Key',
      });
    case 'exceeds_refundable':
      return new OrbitError('refund_exceeds_unspent', 'More than is unspent of the payment.', {
        param: 'amount',
      });
    case 'exceeds_charge':
      return new OrbitError('invalid_field', 'More than was charged and is not reversed yet.', {
        param: 'amount',
      });
    case 'below_used':
      return new OrbitError('invalid_field', 'Below what of the block was used or is set aside.', {
        param: 'amount',
      });
    case 'held':
      return new OrbitError('conflict', 'Open authorizations count on this credit.');
    case 'already_over':
      return new OrbitError('invalid_field', 'This end is over already.', { param: 'expires_at' });
    case 'conflict':
      return new OrbitError('conflict', conflict);
  }
}
