import { invariant } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Currency, type Micros } from '@orbit/money';
import type { SeededRandom } from '@orbit/testing';
import type {
  ChangeCommand,
  CommandResult,
  LedgerCommand,
} from '../src/books/application/commands.js';
import { walletKey, type WalletKey } from '../src/books/application/ports.js';
import { takingOf } from '../src/books/domain/entry-kinds.js';
import { PostBatch } from '../src/books/application/post-batch.js';
import { LEDGER_RULES } from '../src/ledger-rules.js';
import { hotStateOf } from '../src/books/application/settlements.js';
import type { Charge, Wallet } from '../src/books/domain/wallet.js';
import { BooksCheck } from './books-check.fake.js';
import { Partition } from './charge-log.fake.js';
import { Crash, CrashPoint } from './crash.fake.js';
import { MemoryRedis } from './memory-redis.fake.js';
import { MemoryStore } from './memory-store.fake.js';
import { Published } from './published.fake.js';

export const WALLET_COUNT = 9;
const PARTITION_COUNT = 3;
const CURRENCIES: readonly Currency[] = ['USD', 'EUR', 'credits' as Currency];
const START_MS = Date.UTC(2026, 0, 1);

/** A hold that a client has, and remembers whatever becomes of Redis. */
export interface ClientHold {
  readonly name: string;
  readonly chargeId: string;
  readonly amountMicros: bigint;
  readonly occurredAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * A ledger with everything around it in memory: Kafka's partitions, Redis, PostgreSQL, clients, and a clock
 * that jumps. The application and the domain are the real ones. Everything is drawn from one seed.
 */
export class World {
  readonly crash = new CrashPoint();
  nowMs = START_MS;
  readonly store = new MemoryStore(this.crash, () => this.nowMs);
  readonly redis = new MemoryRedis(this.crash, () => this.nowMs);
  readonly published = new Published(this.crash);
  readonly partitions = Array.from({ length: PARTITION_COUNT }, (_, n) => new Partition(`p${n}`));
  readonly names: readonly string[];
  readonly holds: ClientHold[] = [];
  /** Charges that Kafka has taken, by wallet and id: each must have an outcome in the end. */
  readonly accepted = new Map<
    string,
    { readonly command: LedgerCommand; readonly mustPost: boolean }
  >();
  /** How far below its overdraft a wallet may be, and why is told where it is raised. */
  readonly allowance = new Map<string, bigint>();
  readonly check: BooksCheck;
  private ledger: PostBatch;
  private readonly keys = new Map<string, WalletKey>();
  private next = 0;
  /** While Redis has lost its memory: the ends that the ledger must have read. */
  private untrusted: readonly number[] | null = null;

  constructor(readonly random: SeededRandom) {
    for (let n = 0; n < WALLET_COUNT; n++) this.open(n);
    this.names = [...this.keys.keys()];
    this.check = new BooksCheck(this.store, (name) => this.floorOf(name));
    this.ledger = this.startLedger();
  }

  id(prefix: string): string {
    this.next += 1;
    return `${prefix}${this.next}`;
  }

  keyOf(name: string): WalletKey {
    const key = this.keys.get(name);
    invariant(key, 'a wallet of this world');
    return key;
  }

  wallet(name: string): Wallet {
    const wallet = this.store.find(name);
    invariant(wallet, 'a wallet of this world');
    return wallet;
  }

  partitionOf(name: string): Partition {
    const partition = this.partitions[this.names.indexOf(name) % PARTITION_COUNT];
    invariant(partition, 'every wallet has a partition');
    return partition;
  }

  allow(name: string, amountMicros: bigint): void {
    this.allowance.set(name, (this.allowance.get(name) ?? 0n) + amountMicros);
  }

  /** Kafka took it: from now on it may not be lost. Now and then it is written twice. */
  send(name: string, charge: Charge, mustPost: boolean): void {
    const command: LedgerCommand = {
      kind: 'charge',
      key: this.keyOf(name),
      charge,
      replyTo: null,
    };
    const accepted = `${name} ${charge.chargeId}`;
    if (!this.accepted.has(accepted)) this.accepted.set(accepted, { command, mustPost });
    const { messages } = this.partitionOf(name);
    messages.push(command);
    if (this.random.chance(0.03)) messages.push(command);
  }

  /** An operator's or a service's change, which is asked again with the same words when the answer is lost. */
  async change(name: string, command: Omit<ChangeCommand, 'kind' | 'key'>): Promise<CommandResult> {
    for (;;) {
      try {
        const whole: ChangeCommand = { kind: 'change', key: this.keyOf(name), ...command };
        const [result] = await this.ledger.run([whole], 'change');
        invariant(result, 'a change has a result');
        return result;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        this.restart();
      }
    }
  }

  /** One or several partitions are read at once, so that they share groups. */
  async consume(): Promise<void> {
    const count = this.random.integer(1, PARTITION_COUNT);
    const reading = this.random.shuffle(this.partitions).slice(0, count);
    const done = await Promise.all(
      reading.map((partition) =>
        partition.consume(this.ledger, this.random, this.crash, (commands, results) =>
          this.note(commands, results),
        ),
      ),
    );
    if (done.includes(false)) this.restart();
    this.trustAgain();
  }

  /** Nothing is authorized until every charge that was captured before the loss is in the books. */
  loseRedis(): void {
    for (const name of this.names) this.allow(name, this.redis.held(name));
    this.redis.flush();
    this.untrusted = this.partitions.map(({ messages }) => messages.length);
  }

  /** The client's way to a loaded wallet; null while its hot balance is not to be trusted. */
  available(name: string): bigint | null {
    if (this.untrusted) return null;
    const available = this.redis.available(name);
    if (available !== null) return available;
    this.redis.load(hotStateOf(this.wallet(name), this.nowMs));
    return this.redis.available(name);
  }

  /** Reads everything to the end, without accidents. */
  async drain(): Promise<void> {
    this.crash.disarm();
    while (this.partitions.some(({ isRead }) => !isRead)) await this.consume();
    await this.relay();
  }

  /** What died between its commit and its word is told from the outbox. */
  private async relay(): Promise<void> {
    const kept = [...this.store.outbox.values()];
    await this.published.publish(kept);
    await this.store.dropPublished(kept.map(({ id }) => id));
    for (const { walletNo, walletId } of this.store.wallets.values()) {
      for (const entry of this.store.entries.get(walletNo) ?? []) {
        const isTold = takingOf(entry) === null || this.published.hasTaken(walletId, entry);
        invariant(isTold, `${entry.reference} took credit back, so everybody hears of it`);
      }
    }
  }

  /** Reads everything again from the first message. */
  async replay(): Promise<void> {
    for (const partition of this.partitions) partition.committed = 0;
    await this.drain();
  }

  restart(): void {
    this.crash.disarm();
    this.ledger = this.startLedger();
  }

  private startLedger(): PostBatch {
    const replies = { send: () => Promise.resolve() };
    const clock = { nowMs: () => this.nowMs };
    return new PostBatch(this.store, this.redis, this.published, replies, clock, LEDGER_RULES);
  }

  private trustAgain(): void {
    const ends = this.untrusted;
    if (ends && this.partitions.every(({ committed }, n) => committed >= (ends[n] ?? 0))) {
      this.untrusted = null;
    }
  }

  private note(commands: readonly LedgerCommand[], results: readonly CommandResult[]): void {
    for (const [index, command] of commands.entries()) {
      const result = results[index];
      if (command.kind !== 'charge') continue;
      const name = walletKey(command.key);
      const accepted = this.accepted.get(`${name} ${command.charge.chargeId}`);
      if (!accepted?.mustPost || accepted.command !== command) continue;
      invariant(
        result?.status === 'booked',
        `${command.charge.chargeId} was authorized, so it posts`,
      );
    }
  }

  private floorOf(name: string): bigint {
    const wallet = this.store.wallets.get(name);
    invariant(wallet, 'a wallet of this world');
    return -wallet.overdraftMicros - (this.allowance.get(name) ?? 0n);
  }

  private open(n: number): void {
    const currency = CURRENCIES[n % CURRENCIES.length];
    invariant(currency, 'there are currencies');
    const key: WalletKey = { organizationId: `org_${n}`, currency };
    this.keys.set(walletKey(key), key);
    const overdraftMicros: Micros = n % 4 === 3 ? micros(20_000_000n) : ZERO_MICROS;
    this.store.open({
      walletNo: BigInt(n + 1),
      walletId: `wal_${n}`,
      organizationId: key.organizationId,
      currency,
      balanceMicros: ZERO_MICROS,
      sequence: 0n,
      version: 0n,
      overdraftMicros,
      lowBalanceMicros: n % 2 === 0 ? micros(5_000_000n) : null,
      alertLevel: 'depleted',
      awaitsSpend: false,
      pausedReason: null,
      lastToppedUpAtMs: null,
      rejectedCount: 0n,
      lateUsageGraceMs: 48 * 3_600_000,
      allowsLateCapture: false,
      outagePolicy: 'closed',
      outageBudgetMicros: ZERO_MICROS,
      blocks: [],
      escrows: [],
    });
  }
}
