/**
 * The traffic of a reliability run: charges without a hold, authorizations that are captured, in part or whole, or
 * released, charges from leases, top-ups, and repeats of all of them, over some dozens of wallets.
 *
 * Every sender behaves as ours must: what is not answered is repeated with the same id until it is, and only what was
 * answered counts as accepted. So whatever is accepted has to have an outcome, whoever was killed meanwhile.
 */
import { LEASE_RPC, WALLET_RPC } from '@orbit/contracts';
import { systemClock } from '@orbit/kernel';
import { EventProducer } from '@orbit/messaging';
import { micros } from '@orbit/money';
import { AuthorizationIds, createSpendRedis, RpcWalletLoader, SpendClient } from '@orbit/spend';
import { setTimeout as sleep } from 'node:timers/promises';
import { AUTHORIZATION_SECRET } from './ledger-process.mjs';

const RETRY_MS = 200;
const AMOUNTS = [1_000n, 7_500n, 10_000n, 53_100n];
const CHARGES_PER_LEASE = 5;

export class Load {
  /** charge id → {organizationId, amountMicros}: somebody got the answer that it is accepted. */
  accepted = new Map();
  /** Charge ids of everything that was ever asked for. */
  attempted = new Set();
  /** top-up id → amountMicros */
  toppedUp = new Map();
  leases = [];
  counts = { raw: 0, captured: 0, released: 0, refused: {}, leased: 0, topups: 0, repeats: 0 };
  #next = 0;
  #isOver = false;
  #isGivenUp = false;
  #running = [];

  constructor({ ledger, address, random, wallets, workers }) {
    Object.assign(this, { ledger, address, random, workers });
    this.organizations = Array.from({ length: wallets }, (_, n) => `org_reliable_${n}`);
    this.redis = createSpendRedis({ url: ledger.infra.redisUrl });
    this.producer = new EventProducer({
      brokers: ledger.infra.kafkaBrokers,
      clientId: 'reliability',
      topicPrefix: ledger.topicPrefix,
      requestTimeoutMs: 5_000,
    });
    this.spend = new SpendClient({
      redis: this.redis,
      clock: systemClock,
      ids: new AuthorizationIds({ secret: AUTHORIZATION_SECRET }),
      producer: { publish: (event) => this.producer.publish('charge.requested', [event]) },
      loader: new RpcWalletLoader({ call: (...call) => ledger.call(address, ...call) }),
    });
  }

  /** Wallets with money in them. */
  async open() {
    await this.producer.connect();
    for (const organization_id of this.organizations) {
      const wallet = { organization_id, currency: 'USD' };
      await this.ledger.call(this.address, WALLET_RPC.open, wallet);
    }
    await Promise.all(
      this.organizations.map((id) => this.topUp(id, this.#isPoor(id) ? 500_000n : 50_000_000n)),
    );
  }

  /** Every tenth wallet runs dry, so that charges are rejected, too. */
  #isPoor(organizationId) {
    return organizationId.endsWith('0');
  }

  start() {
    this.#running = Array.from({ length: this.workers }, () => this.#work());
  }

  /** Ends when everything that was begun is answered; false when that took too long and it was given up. */
  async stop(timeoutMs) {
    this.#isOver = true;
    const giveUp = setTimeout(() => (this.#isGivenUp = true), timeoutMs);
    await Promise.all(this.#running);
    clearTimeout(giveUp);
    return !this.#isGivenUp;
  }

  async close() {
    await this.producer.disconnect();
    this.redis.disconnect();
  }

  async #work() {
    while (!this.#isOver) {
      await this.#one().catch((error) => {
        if (!this.#isGivenUp) throw error;
      });
      await sleep(this.random.integer(1, 30));
    }
  }

  #one() {
    const organizationId = this.random.pick(this.organizations);
    const draw = this.random.integer(1, 100);
    if (draw <= 40) return this.charge(organizationId);
    if (draw <= 80) return this.authorize(organizationId);
    if (draw <= 97)
      return this.topUp(organizationId, this.#isPoor(organizationId) ? 5_000n : 300_000n);
    return this.lease(organizationId);
  }

  /** Straight to Kafka, as a service that does not authorize; some of them twice. */
  async charge(organizationId, authorizationId = null) {
    const id = this.#newId('raw');
    const amountMicros = this.random.pick(AMOUNTS);
    const value = {
      charge_id: id,
      organization_id: organizationId,
      amount: decimal(amountMicros),
      currency: 'USD',
      channel: 'sms',
      quantity: 1,
      authorization_id: authorizationId,
      occurred_at: new Date().toISOString(),
      metadata: {},
    };
    await this.#publish('charge.requested', organizationId, id, value);
    this.accepted.set(id, { organizationId, amountMicros });
    this.counts[authorizationId === null ? 'raw' : 'leased'] += 1;
    if (!this.random.chance(0.05)) return;
    this.counts.repeats += 1;
    await this.#publish('charge.requested', organizationId, id, value);
  }

  /** Hold, then capture (whole or part) or release. */
  async authorize(organizationId) {
    const id = this.#newId('held');
    const amountMicros = micros(this.random.pick(AMOUNTS));
    const request = {
      ...{ organizationId, chargeId: id, amountMicros, currency: 'USD' },
      ...{ channel: 'call', quantity: 1, metadata: {}, ttlMs: 120_000 },
    };
    const held = await this.#answered(() => this.spend.authorize(request));
    if (held.status !== 'authorized') return this.#refused(held.reason);
    const { authorizationId } = held;
    if (this.random.chance(0.2)) {
      await this.#answered(() => this.spend.release(organizationId, authorizationId));
      this.counts.released += 1;
      return;
    }
    const part = this.random.chance(0.3) ? micros(amountMicros / 2n) : amountMicros;
    const captured = await this.#answered(() =>
      this.spend.capture(organizationId, authorizationId, part),
    );
    if (captured.status !== 'captured') return this.#refused(`capture ${captured.status}`);
    this.accepted.set(id, { organizationId, amountMicros: part });
    this.counts.captured += 1;
  }

  /** Money set aside in the ledger, spent by charges that carry the lease, the rest given back. */
  async lease(organizationId) {
    const reference = this.#newId('lease');
    const wanted = { organization_id: organizationId, currency: 'USD', holder: 'reliability' };
    const opened = await this.#rpc(LEASE_RPC.open, {
      ...wanted,
      ...{ amount: '0.50', ttl_ms: 60_000, reference },
    });
    if (opened === null) return;
    const { lease_id: leaseId } = opened.lease;
    this.leases.push({ organizationId, leaseId });
    for (let n = 0; n < CHARGES_PER_LEASE; n++) await this.charge(organizationId, leaseId);
    await this.#rpc(LEASE_RPC.close, { organization_id: organizationId, lease_id: leaseId });
  }

  async topUp(organizationId, amountMicros) {
    const id = this.#newId('tu');
    const value = {
      topup_id: id,
      organization_id: organizationId,
      amount: decimal(amountMicros),
      currency: 'USD',
      reference: `stripe_session:cs_${id}`,
      payment_intent_id: `pi_${id}`,
      checkout_session_id: null,
      payment_method: null,
      receipt_email: null,
      occurred_at: new Date().toISOString(),
    };
    await this.#publish('topup.completed', organizationId, id, value);
    this.toppedUp.set(id, amountMicros);
    this.counts.topups += 1;
    if (this.random.chance(0.1)) await this.#publish('topup.completed', organizationId, id, value);
  }

  #refused(reason) {
    this.counts.refused[reason] = (this.counts.refused[reason] ?? 0) + 1;
  }

  #newId(kind) {
    this.#next += 1;
    const id = `${kind}_${this.#next}`;
    this.attempted.add(id);
    return id;
  }

  #publish(topic, key, id, value) {
    const event = { key, value, id, timeMs: Date.now() };
    return this.#untilDone(() => this.producer.publish(topic, [event]));
  }

  /** Null when the ledger refuses; what it does not answer is asked again. */
  #rpc(pattern, payload) {
    return this.#untilDone(async () => {
      try {
        return await this.ledger.call(this.address, pattern, payload);
      } catch (error) {
        if (['unavailable', 'timeout', 'internal'].includes(error.code)) throw error;
        return null;
      }
    });
  }

  #answered(ask) {
    return this.#untilDone(async () => {
      const answer = await ask();
      const isUnanswered =
        answer.status === 'unavailable' ||
        (answer.status === 'refused' && answer.reason === 'unavailable');
      if (isUnanswered) throw new Error('unavailable');
      return answer;
    });
  }

  async #untilDone(work) {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (this.#isGivenUp) throw error;
        await sleep(RETRY_MS);
      }
    }
  }
}

const decimal = (amount) => {
  const text = String(amount).padStart(7, '0');
  return `${text.slice(0, -6)}.${text.slice(-6)}`;
};
