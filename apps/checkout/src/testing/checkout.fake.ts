import type { ChargeTopUp, CreateTopUp } from '@orbit/contracts';
import type { TopUpCompleted } from '@orbit/events';
import { createTopics, physicalTopic } from '@orbit/messaging';
import { createLogger } from '@orbit/runtime';
import { createTestDatabase, testInfra, uniqueId } from '@orbit/testing';
import { Kafka, type Consumer } from 'kafkajs';
import { Pool } from 'pg';
import { assembleCheckout, type CheckoutParts } from '../checkout.module.js';
import type { CheckoutConfig } from '../checkout.config.js';
import { StandInLedger } from './ledger.fake.js';
import { StandInLedgerBooks } from './ledger-books.fake.js';
import { readFirst } from './read-first.fake.js';
import { StandInRefundLedger } from './refund-ledger.fake.js';
import type { Fact } from './payment-books.fake.js';
import { StripeStandIn } from './stripe.fake.js';
import type { MethodBehavior, StandInMethod } from './stripe-payments.fake.js';
import type { ClawbacksProvider } from '../refunds/application/ports.js';
import type { SavedPayments } from '../topups/application/payment-ports.js';
import type { OutboxEvent } from '../topups/application/ports.js';

interface Published {
  readonly topic: string;
  readonly key: string;
  readonly id: string;
  /** Null: it names no trace. */
  readonly traceparent: string | null;
  readonly value: Record<string, unknown>;
}

/** For tests: checkout on a database of its own, real Kafka under a prefix, a stand-in for Stripe. */
export class CheckoutUnderTest {
  /** Added to the wall clock: lets time pass in one step. */
  aheadMs = 0;
  readonly published: Published[] = [];
  /** What either instance has given to Kafka, as often as it did. */
  facts: readonly OutboxEvent[] = [];
  /** Named before and after each call of an adapter of the first instance; throwing is its death there. */
  step: (name: string) => void = () => undefined;
  /** Runs before each call to Stripe about saved methods; throwing is a crash at that step. */
  beforeStripe: (call: string) => void = () => undefined;
  /** Runs after each of them: a crash before its answer was stored. */
  afterStripe: (call: string) => void = () => undefined;
  private readonly closers: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly stripe: StripeStandIn,
    readonly parts: CheckoutParts,
    readonly twin: CheckoutParts,
    private readonly admin: Pool,
    readonly logLines: readonly string[],
    /** Of checkout's own role. */
    readonly databaseUrl: string,
    readonly ledger: StandInLedger,
    readonly refundLedger: StandInRefundLedger,
    readonly ledgerBooks: StandInLedgerBooks,
  ) {}

  static async start(): Promise<CheckoutUnderTest> {
    const { kafkaBrokers } = testInfra();
    const prefix = `${uniqueId()}.`;
    const database = await createTestDatabase();
    await createTopics({ brokers: kafkaBrokers, topicPrefix: prefix, services: ['checkout'] });
    const stripe = new StripeStandIn(uniqueId().replace(/\W/g, ''));
    const config: CheckoutConfig = {
      ORBIT_ENV: 'test',
      DATABASE_URL: database.urlFor('orbit_checkout'),
      KAFKA_BROKERS: kafkaBrokers.join(','),
      KAFKA_FETCH_SESSIONS: 'on',
      KAFKA_OWN_ENCODER: 'on',
      KAFKA_TOPIC_PREFIX: prefix,
      KAFKA_TLS: 'off',
      KAFKA_SASL_USERNAME: '',
      LOG_LEVEL: 'error',
      CHECKOUT_RPC: '127.0.0.1:1',
      RPC_TOKENS: '',
      WALLET_LEDGER_RPC: '127.0.0.1:1',
      PAYMENT_RETURN_URL: 'https://example.com/back',
      UNIT_PRICES: 'credits=0.02 USD, tokens=0.003 USD',
      AUTO_RELOAD_RETRY_SECONDS: 900,
      RECONCILE_INTERVAL_SECONDS: 0,
      MISSED_EVENTS_INTERVAL_SECONDS: 0,
      RECONCILE_WINDOW_HOURS: 72,
      RECONCILE_GRACE_SECONDS: 0,
      RECONCILE_PAUSES_WALLETS: 'true',
      HEALTH_PORT: 0,
      STRIPE_SECRET_KEY: 'sk_test_standin',
      STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
      STRIPE_API_BASE: await stripe.listen(),
    };
    const lines: string[] = [];
    const logger = createLogger('checkout', 'error', { write: (line) => void lines.push(line) });
    const clock = { nowMs: () => Date.now() };
    const admin = new Pool({ connectionString: database.adminUrl, max: 4 });
    // Two assemblies are two instances: they share Postgres, Kafka and Stripe, and nothing else.
    const ledger = new StandInLedger();
    const steps = { before: (_call: string) => {}, after: (_call: string) => {} };
    const refundLedger = new StandInRefundLedger();
    const ledgerBooks = new StandInLedgerBooks();
    const doubles = {
      ...{ clock, ledger, refundLedger, ledgerBooks },
      saved: (real: SavedPayments) => stepped(real, steps),
      clawbacks: (real: ClawbacksProvider) => stepped(real, steps),
    };
    const facts: OutboxEvent[] = [];
    const watch = { step: (_name: string) => {} };
    const parts = readFirst(
      assembleCheckout(config, logger, {
        ...doubles,
        port: (real) => watched(real, (name) => watch.step(name), facts),
      }),
    );
    // The operator has raised a price, and not every instance has heard of it.
    const raised = { ...config, UNIT_PRICES: 'credits=0.05 USD' };
    const twin = readFirst(
      assembleCheckout(raised, logger, {
        ...doubles,
        port: (real) => watched(real, () => undefined, facts),
      }),
    );
    const url = config.DATABASE_URL;
    const under = new CheckoutUnderTest(
      ...([stripe, parts, twin, admin, lines, url, ledger, refundLedger, ledgerBooks] as const),
    );
    watch.step = (name) => under.step(name);
    under.facts = facts;
    steps.before = (call) => under.beforeStripe(call);
    steps.after = (call) => under.afterStripe(call);
    clock.nowMs = () => under.nowMs();
    const consumer = await under.listen(
      new Kafka({ brokers: [...kafkaBrokers], logLevel: 0 }),
      prefix,
    );
    under.closers.push(
      () => consumer.disconnect(),
      () => parts.close(),
      () => twin.close(),
      () => admin.end(),
      () => stripe.close(),
      () => database.drop(),
    );
    return under;
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
  }

  nowMs(): number {
    return Date.now() + this.aheadMs;
  }

  /** A request with the values that most tests want. */
  request(change: Partial<CreateTopUp> = {}): CreateTopUp {
    return {
      organization_id: `org_${uniqueId()}`,
      amount_minor: 10_000,
      currency: 'USD',
      success_url: 'https://example.com/ok',
      cancel_url: 'https://example.com/cancelled',
      idempotency_key: `key-${uniqueId()}`,
      ...change,
    };
  }

  /** Creates a top-up and tells its session. */
  async open(change: Partial<CreateTopUp> = {}): Promise<{ topupId: string; sessionId: string }> {
    const { topup_id: topupId } = await this.parts.createTopUp.run(this.request(change));
    const row = await this.topup(topupId);
    return { topupId, sessionId: String(row['session_id']) };
  }

  /** A top-up of 100.00 USD that is paid, and known to be. */
  async paid(change: Partial<CreateTopUp> = {}): Promise<{
    topupId: string;
    sessionId: string;
    paymentIntentId: string;
    organizationId: string;
  }> {
    const { topupId, sessionId } = await this.open(change);
    this.stripe.pay(sessionId);
    await this.deliver(this.stripe.event('checkout.session.completed', sessionId));
    const row = await this.topup(topupId);
    const paymentIntentId = String(row['payment_intent_id']);
    this.stripe.clawbacks.charged(paymentIntentId);
    return { topupId, sessionId, paymentIntentId, organizationId: String(row['organization_id']) };
  }

  /** An organization that Stripe knows, with a saved card of that behavior. */
  async customer(
    behavior: MethodBehavior = 'pays',
  ): Promise<{ organizationId: string; method: StandInMethod }> {
    const organizationId = `org_${uniqueId()}`;
    await this.open({ organization_id: organizationId });
    const [row] = await this.query(
      'SELECT customer_id FROM checkout.stripe_customer WHERE organization_id = $1',
      [organizationId],
    );
    const method = this.stripe.saved.save(String(row?.['customer_id']), behavior);
    return { organizationId, method };
  }

  /** A request to charge the saved method. */
  chargeRequest(organizationId: string, change: Partial<ChargeTopUp> = {}): ChargeTopUp {
    return {
      organization_id: organizationId,
      amount_minor: 10_000,
      currency: 'USD',
      idempotency_key: `key-${uniqueId()}`,
      ...change,
    };
  }

  /** Publishes what waits, and lets the ledger book the money that came. */
  async settle(): Promise<void> {
    await this.parts.relay.run();
    const rows = await this.query(
      `SELECT value FROM checkout.outbox WHERE topic = 'topup.completed' ORDER BY position`,
      [],
    );
    for (const row of rows) this.ledger.book(row['value'] as TopUpCompleted);
  }

  async policy(organizationId: string): Promise<Record<string, unknown>> {
    const [row] = await this.query(
      'SELECT * FROM checkout.auto_reload WHERE organization_id = $1',
      [organizationId],
    );
    return row ?? {};
  }

  async topupsOf(organizationId: string, kind: string): Promise<Record<string, unknown>[]> {
    const sql = 'SELECT * FROM checkout.topup WHERE organization_id = $1 AND kind = $2 ORDER BY id';
    return this.query(sql, [organizationId, kind]);
  }

  async deliver(event: { body: Buffer; signature: string }): Promise<void> {
    await this.parts.receiveWebhook.run(event.body, event.signature);
  }

  async topup(id: string): Promise<Record<string, unknown>> {
    const [row] = await this.query('SELECT * FROM checkout.topup WHERE id = $1', [id]);
    return row ?? {};
  }

  async inboxCount(): Promise<number> {
    const [row] = await this.query('SELECT count(*)::int AS n FROM checkout.webhook_inbox', []);
    return Number(row?.['n']);
  }

  /** Events waiting or sent for a top-up, in order. */
  async outbox(topupId: string): Promise<{ topic: unknown; value: unknown }[]> {
    const rows = await this.query(
      `SELECT topic, value FROM checkout.outbox WHERE value->>'topup_id' = $1 ORDER BY position`,
      [topupId],
    );
    return rows.map(({ topic, value }) => ({ topic, value }));
  }

  /** Everything written for an organization, published or not. */
  async written(organizationId: string): Promise<readonly Fact[]> {
    const rows = await this.query(
      `SELECT event_id, topic, value FROM checkout.outbox WHERE key = $1 ORDER BY position`,
      [organizationId],
    );
    return rows.map(({ event_id, topic, value }) => ({
      eventId: String(event_id),
      topic: String(topic),
      value,
    }));
  }

  async query(sql: string, values: unknown[]): Promise<Record<string, unknown>[]> {
    return (await this.admin.query<Record<string, unknown>>(sql, values)).rows;
  }

  private async listen(kafka: Kafka, prefix: string): Promise<Consumer> {
    // Its end waits for the fetch that is under way: five seconds unless told.
    const consumer = kafka.consumer({ groupId: `${prefix}reader`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    const names = ['topup.completed', 'topup.failed', 'auto_reload.disabled'] as const;
    const topics = names.map((name) => physicalTopic(prefix, name));
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, message }) => {
        this.published.push({
          topic: names[topics.indexOf(topic)] ?? topic,
          key: String(message.key),
          id: String(message.headers?.['ce_id']),
          traceparent: message.headers?.['traceparent']?.toString() ?? null,
          value: JSON.parse(String(message.value)) as Record<string, unknown>,
        });
        await Promise.resolve();
      },
    });
    return consumer;
  }
}

/** Tells each call before and after it, also those within a transaction; keeps what was published. */
function watched<T extends object>(real: T, step: (name: string) => void, facts: OutboxEvent[]): T {
  const get = (target: T, name: string): unknown => {
    const call = target[name as keyof T];
    if (typeof call !== 'function') return call;
    return async (...args: unknown[]): Promise<unknown> => {
      step(`before ${name}`);
      const given = args.map((arg) =>
        typeof arg === 'function'
          ? (first: unknown, ...rest: unknown[]): unknown =>
              (arg as (...all: unknown[]) => unknown)(inner(first), ...rest)
          : arg,
      );
      const answer: unknown = await (call as (...all: unknown[]) => unknown).apply(target, given);
      if (name === 'publish') facts.push(...(args[0] as OutboxEvent[]));
      step(`after ${name}`);
      return answer;
    };
  };
  /** A transaction's own port; events to publish are no port. */
  const inner = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? watched(value, step, facts)
      : value;
  return new Proxy(real, { get } as ProxyHandler<T>);
}

/** Names each call before and after it, so that a test can crash there. */
function stepped<T extends object>(
  real: T,
  steps: { readonly before: (call: string) => void; readonly after: (call: string) => void },
): T {
  const get = (target: T, name: string): unknown => {
    const call = target[name as keyof T] as (...args: unknown[]) => Promise<unknown>;
    return async (...args: unknown[]) => {
      steps.before(name);
      const answer = await call.apply(target, args);
      steps.after(name);
      return answer;
    };
  };
  return new Proxy(real, { get } as ProxyHandler<T>);
}
