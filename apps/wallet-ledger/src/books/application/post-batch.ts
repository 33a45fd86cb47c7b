import { invariant, InvariantViolation, nextTurn, within, type Clock } from '@orbit/kernel';
import {
  claimedCommand,
  type ClaimedCommand,
  type CommandResult,
  type LedgerCommand,
} from './commands.js';
import { CommitGroup } from './commit-group.js';
import { isPassedOn, outcomeView, allEventsOf } from './ledger-events.js';
import type { LedgerRules } from './ledger-rules.js';
import {
  CommandFault,
  NO_TRACES,
  type GroupTraces,
  type HotBalancesPort,
  type LedgerEvent,
  type LedgerEvents,
  type LedgerStore,
  type Replies,
} from './ports.js';
import { settlementsOf, type CommittedGroup } from './settlements.js';

/** Groups under way at once: one computes while another waits for PostgreSQL, Redis or Kafka. */
const GROUPS_MAX = 3;
/**
 * Fewer commands than this wait for the group under way: a second small group would cost as much as the first, and
 * each round trip that both make slows the other.
 */
const COMMANDS_BESIDE_MIN = 300;
/**
 * A group that takes longer waits for somebody: another session holds a row of one of its wallets. Nobody else
 * waits for it from then on; those of its own calls do.
 */
const HELD_UP_AFTER_MS = 1_000;

/** A fault of one command, not of what the group shares. */
const isOfOne = (error: unknown): boolean =>
  error instanceof InvariantViolation || error instanceof CommandFault;

interface Waiting {
  readonly commands: readonly ClaimedCommand[];
  readonly wallets: ReadonlySet<string>;
  readonly resolve: (results: readonly CommandResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: whatever waits, of several partitions and callers, goes into one transaction with a
 * constant number of statements. Groups under way at the same time never share a wallet.
 *
 * Order of effects of a group: load the wallets → reserve room in Redis for charges without a hold →
 * decide (pure) → commit → set hot balances and free holds → publish results → answer callers that wait. A crash
 * after the commit is harmless: offsets are not committed yet, so the messages come again, are found in
 * the books, and everything after the commit happens again, the same. A change that nobody asks for again, because
 * no message did, has its events in the outbox, which the commit writes too.
 */
export class PostBatch {
  private readonly commit: CommitGroup;
  private readonly waiting: Waiting[] = [];
  private readonly busyWallets = new Set<string>();
  private groupCount = 0;
  /** How many of these have taken too long to be waited for. */
  private heldUpCount = 0;
  private isStarting = false;

  constructor(
    private readonly store: LedgerStore,
    private readonly hotBalances: HotBalancesPort,
    private readonly events: LedgerEvents,
    private readonly replies: Replies,
    clock: Clock,
    readonly rules: LedgerRules,
    private readonly traces: GroupTraces = NO_TRACES,
  ) {
    this.commit = new CommitGroup(store, hotBalances, clock, rules);
  }

  /**
   * All commands of the call or none; they apply in order, each sees the ones before it. Resolves when the results
   * are durable and published. `claimId` names the reader of the batch (topic and partition): a batch that is read
   * again replaces the claim that its first reading left behind.
   */
  run(commands: readonly LedgerCommand[], claimId: string): Promise<readonly CommandResult[]> {
    const trace = this.traces.current();
    return new Promise((resolve, reject) => {
      const claimed = commands.map((command) => claimedCommand(command, claimId, trace));
      const wallets = new Set(claimed.map(({ wallet }) => wallet));
      this.waiting.push({ commands: claimed, wallets, resolve, reject });
      this.startSoon();
    });
  }

  /**
   * Commands of the same turn of the event loop, and those that partitions have ready once a group is done, go
   * together.
   */
  private startSoon(): void {
    if (this.isStarting) return;
    this.isStarting = true;
    void nextTurn().then(() => {
      this.isStarting = false;
      this.startGroups();
    });
  }

  private startGroups(): void {
    while (this.groupCount < GROUPS_MAX) {
      const isOneQuick = this.groupCount > this.heldUpCount;
      if (isOneQuick && this.waitingCount() < COMMANDS_BESIDE_MIN) return;
      const group = this.takeGroup();
      if (group.length === 0) return;
      const wallets = group.flatMap((waiting) => [...waiting.wallets]);
      for (const wallet of wallets) this.busyWallets.add(wallet);
      this.groupCount += 1;
      void this.runWatched(group).then(() => {
        for (const wallet of wallets) this.busyWallets.delete(wallet);
        this.groupCount -= 1;
        this.startSoon();
      });
    }
  }

  /** Runs a group, and lets others start beside it once it is held up. */
  private async runWatched(group: readonly Waiting[]): Promise<void> {
    const running = this.runGroup(group);
    try {
      await within(running, HELD_UP_AFTER_MS);
    } catch {
      // Late, no failure: `runGroup` passes every failure to the callers.
      this.heldUpCount += 1;
      this.startSoon();
      await running;
      this.heldUpCount -= 1;
    }
  }

  private waitingCount(): number {
    return this.waiting.reduce((count, { commands }) => count + commands.length, 0);
  }

  /** All that wait and touch no wallet of a group under way, nor of one that waits before them. */
  private takeGroup(): Waiting[] {
    const taken: Waiting[] = [];
    const passed = new Set<string>();
    for (let index = 0; index < this.waiting.length;) {
      const next = this.waiting[index];
      invariant(next, 'the queue has no holes');
      const isBlocked = [...next.wallets].some(
        (key) => this.busyWallets.has(key) || passed.has(key),
      );
      if (isBlocked) {
        for (const key of next.wallets) passed.add(key);
        index += 1;
      } else {
        taken.push(next);
        this.waiting.splice(index, 1);
      }
    }
    return taken;
  }

  private async runGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const all = group.flatMap(({ commands }) => commands);
      const traces = all.flatMap(({ trace }) => trace ?? []);
      const results = await this.traces.around(traces, () => this.runCommands(all));
      let from = 0;
      for (const { commands, resolve } of group) {
        resolve(results.slice(from, from + commands.length));
        from += commands.length;
      }
    } catch (error) {
      if (group.length > 1 && isOfOne(error)) {
        // Only the one that breaks it may stop: the others are decided without it.
        for (const waiting of group) await this.runGroup([waiting]);
        return;
      }
      for (const { reject } of group) reject(error);
    }
  }

  private async runCommands(
    commands: readonly ClaimedCommand[],
  ): Promise<readonly CommandResult[]> {
    const committed = await this.commit.run(commands);
    await this.hotBalances.confirm(settlementsOf(committed, commands));
    await this.publish(commands, committed);
    return committed.results;
  }

  private async publish(
    commands: readonly ClaimedCommand[],
    { results, wallets, outbox, nowMs }: CommittedGroup,
  ): Promise<void> {
    const events: LedgerEvent[] = [];
    const replies: { channel: string; body: unknown }[] = [];
    for (const [index, { command, wallet: name, trace }] of commands.entries()) {
      const result = results[index];
      invariant(result, 'every command has a result');
      for (const event of allEventsOf(command, result, wallets.get(name))) {
        events.push(trace === undefined ? event : { ...event, trace });
      }
      if (command.kind === 'charge' && command.replyTo !== null && !isPassedOn(command, result)) {
        const { chargeId, amountMicros } = command.charge;
        const body = outcomeView(chargeId, amountMicros, result);
        if (body) replies.push({ channel: command.replyTo, body });
      }
    }
    if (events.length > 0) await this.events.publish(events, nowMs);
    if (outbox.length > 0) await this.store.dropPublished(outbox.map(({ id }) => id));
    if (replies.length > 0) await this.replies.send(replies);
  }
}
