import { OrbitError } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { chargeReference } from '../domain/identifiers.js';
import { claimRoom } from './claim-room.js';
import type { ClaimedCommand } from './commands.js';
import { decideBatch, type ClaimedRoom, type DecidedBatch } from './decide-batch.js';
import type { LedgerRules } from './ledger-rules.js';
import {
  WriteConflict,
  type HotBalancesPort,
  type LedgerStore,
  type LedgerTransaction,
} from './ports.js';
import { readGroup, walletsOf, type GroupRead, type Trust } from './read-group.js';
import { saveGroup } from './save-group.js';
import type { CommittedGroup } from './settlements.js';
import { WalletCache } from './wallet-cache.js';

/** Every try after the first starts from what is stored, so a third one means that somebody else is busy on these wallets. */
const TRIES_MAX = 4;
/**
 * A claim expires some time after its reader died (LEDGER_CLAIM_TTL_MS, at least twice this). A group that
 * was held up for longer claims anew: its commit must not come when somebody else may have taken its room.
 */
const CLAIM_AGE_MS_MAX = 10_000;
/** After a repeated message, so many groups look up every reference before they write. */
const CAUTIOUS_GROUPS = 20;

/**
 * Decides commands and writes what came out, in one transaction and a constant number of statements.
 * One try is read → claim → decide → save; each step is a file of this folder.
 *
 * Trusts before it checks: wallets come from memory, and references are not looked up, because both are
 * checked by the write itself (version fence, unique reference). What the write refuses is decided anew
 * from what is stored. So a group of charges on known wallets reads nothing and writes one statement.
 */
export class CommitGroup {
  private readonly cache = new WalletCache();
  /** Groups left that look up first; positive at the start, because a restart reads messages again. */
  private cautious = CAUTIOUS_GROUPS;

  constructor(
    private readonly store: LedgerStore,
    private readonly hotBalances: HotBalancesPort,
    private readonly clock: Clock,
    private readonly rules: LedgerRules,
  ) {}

  /** Errors: `unavailable` when the write objected to every try; what a transaction throws else is passed on. */
  async run(commands: readonly ClaimedCommand[]): Promise<CommittedGroup> {
    for (let attempt = 1; ; attempt++) {
      try {
        const group = await this.attempt(commands, this.trustIn(commands, attempt));
        if (this.cautious > 0) this.cautious -= 1;
        for (const [key, wallet] of group.wallets) this.cache.put(key, wallet);
        return { ...group, wasRetried: attempt > 1 };
      } catch (error) {
        this.cache.drop(walletsOf(commands).keys());
        if (!(error instanceof WriteConflict)) throw error;
        if (error.kind === 'duplicate') this.cautious = CAUTIOUS_GROUPS;
        if (attempt === TRIES_MAX) {
          throw new OrbitError(
            'unavailable',
            'Another writer owns one of these wallets by now, or PostgreSQL is too slow; the batch is read again.',
            { cause: error },
          );
        }
      }
    }
  }

  /** Changes read what they change; a second try reads what the first one took on trust. */
  private trustIn(commands: readonly ClaimedCommand[], attempt: number): Trust {
    const inWallets = attempt === 1 && commands.every(({ command }) => command.kind === 'charge');
    return { inWallets, inReferences: inWallets && this.cautious === 0 };
  }

  private attempt(
    commands: readonly ClaimedCommand[],
    trust: Trust,
  ): Promise<Omit<CommittedGroup, 'wasRetried'>> {
    const nowMs = this.clock.nowMs();
    return this.store.inTransaction(async (tx) => {
      const read = await readGroup(tx, this.cache, commands, trust, nowMs);
      const claimedAtMs = this.clock.nowMs();
      const room = await claimRoom(this.hotBalances, this.rules, commands, read);
      const { decided, claimed } = await this.decide(tx, commands, { read, room, trust });
      if (claimed.size > 0 && this.clock.nowMs() - claimedAtMs > CLAIM_AGE_MS_MAX) {
        throw new WriteConflict('overdue');
      }
      return { ...(await saveGroup(tx, commands, decided, nowMs)), claimed, nowMs };
    });
  }

  /** Decides once, and anew after each of two things that only a decision shows. */
  private async decide(
    tx: LedgerTransaction,
    commands: readonly ClaimedCommand[],
    { read, room, trust }: { read: GroupRead; room: ClaimedRoom; trust: Trust },
  ): Promise<{ decided: DecidedBatch; claimed: ClaimedRoom['claimed'] }> {
    let asked = room;
    let decided = decideBatch(this.rules, { ...read, ...asked }, commands);
    if (decided.uncovered.size > 0) {
      // Their leases do not cover these charges: they ask for room like any charge without a hold.
      asked = await claimRoom(this.hotBalances, this.rules, commands, read, decided.uncovered);
      decided = decideBatch(this.rules, { ...read, ...asked }, commands);
    }
    if (trust.inReferences && decided.rejections.length > 0) {
      const booked = await this.lookUpRejected(tx, decided);
      if (booked.size > 0) {
        const known = new Map([...read.known, ...booked]);
        decided = decideBatch(this.rules, { ...read, ...asked, known }, commands);
      }
    }
    return { decided, claimed: asked.claimed };
  }

  /** A rejection writes no reference, so the write would not object: what is to be rejected is looked up first. */
  private lookUpRejected(
    tx: LedgerTransaction,
    { rejections }: DecidedBatch,
  ): Promise<GroupRead['known']> {
    return tx.readOutcomes(
      rejections.map(({ walletNo, chargeId }) => ({
        walletNo,
        reference: chargeReference(chargeId),
      })),
    );
  }
}
