import { setTimeout as sleep } from 'node:timers/promises';
import { micros, type Micros } from '@orbit/money';
import type { SpendClient } from '@orbit/spend';
import type { WalletKey } from '../books/application/ports.js';

export interface Authorization {
  readonly wallet: WalletKey;
  readonly amountMicros: Micros;
}

export interface Charged {
  readonly wallet: WalletKey;
  readonly chargeId: string;
  readonly amountMicros: Micros;
}

/** Two minutes: far longer than any outage of a test, on a busy machine too. */
const TRIES_MAX = 2_400;
const RETRY_MS = 50;

/**
 * Senders that authorize, work for a moment and capture, release or charge, as fast as they are answered.
 * Whatever is unavailable is repeated with the same ids until it is answered, as callers are told to.
 */
export class SpendLoad {
  /** Asked for or granted, and not known to have ended. */
  private readonly underWay = new Map<string, Authorization>();
  /** Acknowledged: the ledger must post them. */
  readonly charged: Charged[] = [];
  readonly refusals = new Map<string, number>();
  private isStopping = false;
  private next = 0;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly clients: readonly SpendClient[],
    private readonly wallets: readonly WalletKey[],
    private readonly random: () => number = Math.random,
  ) {}

  start(senderCount: number): void {
    const senders = Array.from({ length: senderCount }, (_, n) => this.send(n));
    this.running = Promise.all(senders);
  }

  /** Ends when every authorization has been captured, released or refused. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.running;
  }

  /** What is authorized at this moment, or may be, by charge id. */
  readInFlight(): ReadonlyMap<string, Authorization> {
    return new Map(this.underWay);
  }

  private async send(sender: number): Promise<void> {
    while (!this.isStopping) {
      const client = this.clients[sender % this.clients.length];
      const wallet = this.wallets[Math.floor(this.random() * this.wallets.length)];
      if (!client || !wallet) throw new Error('a load has clients and wallets');
      const chargeId = `c_${++this.next}`;
      const amountMicros = micros(BigInt(1 + Math.floor(this.random() * 50)) * 10_000n);
      this.underWay.set(chargeId, { wallet, amountMicros });
      if (this.random() < 0.3) await this.charge(client, wallet, chargeId, amountMicros);
      else await this.holdAndEnd(client, wallet, chargeId, amountMicros);
      this.underWay.delete(chargeId);
      await sleep(this.random() * 4);
    }
  }

  private async charge(
    client: SpendClient,
    wallet: WalletKey,
    chargeId: string,
    amountMicros: Micros,
  ): Promise<void> {
    const result = await this.untilAnswered(async () => {
      const answer = await client.charge(intentOf(wallet, chargeId, amountMicros));
      return answer.status === 'refused' && answer.reason === 'unavailable' ? null : answer;
    });
    if (result.status === 'charged') this.charged.push({ wallet, chargeId, amountMicros });
    else this.count(result.reason);
  }

  private async holdAndEnd(
    client: SpendClient,
    wallet: WalletKey,
    chargeId: string,
    amountMicros: Micros,
  ): Promise<void> {
    const hold = await this.untilAnswered(async () => {
      const answer = await client.authorize(intentOf(wallet, chargeId, amountMicros));
      if (answer.status !== 'refused') return answer;
      if (answer.reason !== 'unavailable') return answer;
      this.count('unavailable');
      return null;
    });
    if (hold.status === 'refused') return this.count(hold.reason);
    await sleep(this.random() * 40);
    const { organizationId } = wallet;
    if (this.random() < 0.2) {
      const released = await this.untilAnswered(async () => {
        const answer = await client.release(organizationId, hold.authorizationId);
        return answer.status === 'unavailable' ? null : answer;
      });
      if (released.status === 'expired') return;
      if (released.status !== 'released') throw new Error(`release: ${released.status}`);
      return;
    }
    const partMicros = micros(this.random() < 0.5 ? amountMicros : amountMicros / 2n);
    const captured = await this.untilAnswered(async () => {
      const answer = await client.capture(organizationId, hold.authorizationId, partMicros);
      return answer.status === 'unavailable' ? null : answer;
    });
    // The outage took longer than the hold stood.
    if (captured.status === 'expired') return;
    if (captured.status !== 'captured') throw new Error(`capture: ${captured.status}`);
    this.charged.push({ wallet, chargeId, amountMicros: partMicros });
  }

  private async untilAnswered<T>(ask: () => Promise<T | null>): Promise<T> {
    for (let left = TRIES_MAX; left > 0; left--) {
      const answer = await ask();
      if (answer !== null) return answer;
      await sleep(RETRY_MS);
    }
    throw new Error('never answered');
  }

  private count(refusal: string): void {
    this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1);
  }
}

const intentOf = (wallet: WalletKey, chargeId: string, amountMicros: Micros) => ({
  ...wallet,
  chargeId,
  amountMicros,
  channel: 'sms',
  quantity: 1,
  metadata: {},
});
