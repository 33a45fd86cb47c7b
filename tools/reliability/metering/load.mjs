/**
 * The traffic of a reliability run of usage-metering: messages of events, some of them repeated, some under a name that
 * gets its customer later, and amendments and deprecations. What is not answered is repeated until it is.
 */
import { orbPattern, USAGE_INGEST_RPC } from '@orbit/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventId } from './usage-facts.mjs';

const RETRY_MS = 200;
const EVENTS_MAX = 40;
const REPEATED_MAX = 5;
const HOURS = 6;
const OK = 200;

export class MeteringLoad {
  accepted = new Map();
  counts = { messages: 0, events: 0, repeats: 0, amended: 0, deprecated: 0, refused: 0 };
  #number = 0;
  #isOver = false;
  #isGivenUp = false;
  #running = [];
  #sent = new Map();
  #corrected = new Set();
  #unnamed;

  /** `send`: (key, value) → acknowledged; `call`: (pattern, payload) → the service's answer. */
  constructor({ accounts, customers, workers, random, send, call }) {
    Object.assign(this, { accounts, workers, random, send, call });
    this.customers = Array.from({ length: customers }, (_, n) => `org_usage_${n}`);
    this.#unnamed = accounts.flatMap((accountId) =>
      this.customers.map((customerId) => ({ accountId, customerId })),
    );
    random.shuffle(this.#unnamed);
  }

  start() {
    this.#running = Array.from({ length: this.workers }, () => this.#work());
  }

  /** Ends when everything that was begun is answered; false when that took too long and it was given up. */
  async stop(timeoutMs) {
    this.#isOver = true;
    const giveUp = setTimeout(() => (this.#isGivenUp = true), timeoutMs);
    await Promise.all(this.#running);
    while (this.#unnamed.length > 0) await this.#name();
    clearTimeout(giveUp);
    return !this.#isGivenUp;
  }

  async #work() {
    while (!this.#isOver) {
      const draw = this.random.integer(1, 100);
      if (draw <= 80) await this.#message();
      else if (draw <= 90) await this.#correct('amend');
      else if (draw <= 97) await this.#correct('deprecate');
      else await this.#name();
      await sleep(this.random.integer(1, 30));
    }
  }

  async #answered(work) {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (this.#isGivenUp) throw error;
        await sleep(RETRY_MS);
        this.counts.repeats += 1;
      }
    }
  }

  #event() {
    return {
      idempotency_key: `event_${this.#number++}`,
      event_name: 'call',
      timestamp: new Date(Date.now() - this.random.integer(0, HOURS * 3_600_000)).toISOString(),
      properties: this.#properties(),
    };
  }

  #properties() {
    return {
      seconds: this.random.integer(0, 600),
      country: this.random.pick(['44', '49', '91']),
      carrier: this.random.pick(['a', 'b', 'c', 'd']),
    };
  }

  async #message() {
    const accountId = this.random.pick(this.accounts);
    const customerId = this.random.pick(this.customers);
    const place = `${accountId} ${customerId}`;
    const earlier = this.#sent.get(place) ?? [];
    const fresh = Array.from({ length: this.random.integer(1, EVENTS_MAX) }, () => this.#event());
    const repeated = this.random.integer(1, 5) === 1 ? earlier.slice(0, REPEATED_MAX) : [];
    const isNamed = this.random.integer(1, 3) > 1;
    const value = {
      account_id: accountId,
      customer_id: isNamed ? customerId : null,
      external_customer_id: isNamed ? null : `ext_${customerId}`,
      accepted_at: new Date().toISOString(),
      events: [...fresh, ...repeated],
    };
    for (const event of fresh) {
      const known = {
        ...{ accountId, key: event.idempotency_key, customerId, eventName: event.event_name },
        ...{ timestampMs: Date.parse(event.timestamp), properties: event.properties },
        isDeprecated: false,
      };
      this.accepted.set(eventId(accountId, known.key), known);
    }
    this.#sent.set(place, fresh);
    await this.#answered(() => this.send(place, value));
    if (this.random.integer(1, 10) === 1) await this.#answered(() => this.send(place, value));
    this.counts.messages += 1;
    this.counts.events += fresh.length;
  }

  async #correct(kind) {
    const candidates = [...this.#sent.values()].flat();
    if (candidates.length === 0) return;
    const { idempotency_key: key } = this.random.pick(candidates);
    const event = this.accounts.map((id) => this.accepted.get(eventId(id, key))).find(Boolean);
    if (this.#corrected.has(key)) return;
    this.#corrected.add(key);
    const { accountId, customerId, eventName, timestampMs } = event;
    const properties = this.#properties();
    const timestamp = new Date(timestampMs).toISOString();
    const body = { event_name: eventName, timestamp, properties, customer_id: customerId };
    const call = {
      account: { id: accountId, mode: 'live', default_currency: 'USD', timezone: 'UTC' },
      customer: { id: customerId, external_customer_id: null },
      ...{ path: { event_id: key }, query: {}, idempotency: null },
      body: kind === 'amend' ? body : {},
    };
    const { status } = await this.#answered(() => this.call(orbPattern(`${kind}-event`), call));
    if (status !== OK) this.counts.refused += 1;
    else if (kind === 'amend') {
      event.properties = properties;
      this.counts.amended += 1;
    } else {
      event.isDeprecated = true;
      this.counts.deprecated += 1;
    }
  }

  /** A customer appears, and with it all that waited for its name. */
  async #name() {
    const next = this.#unnamed.shift();
    if (!next) return;
    const named = {
      account_id: next.accountId,
      customer_id: next.customerId,
      external_customer_id: `ext_${next.customerId}`,
      is_free: false,
    };
    await this.#answered(() => this.call(USAGE_INGEST_RPC.nameCustomer, named));
  }
}
