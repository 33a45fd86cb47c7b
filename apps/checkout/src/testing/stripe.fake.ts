import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { StandInClawbacks, type StandInPayment } from './stripe-clawbacks.fake.js';
import { StandInPayments } from './stripe-payments.fake.js';

/** What a test lets Stripe believe about a session. */
export interface StandInSession {
  id: string;
  readonly params: Readonly<Record<string, string>>;
  status: 'open' | 'complete' | 'expired';
  payment_status: 'paid' | 'unpaid' | 'no_payment_required';
  amount_total: number;
  currency: string;
  intent: { status: string; amount_received: number; currency: string } | null;
}

export type Fault = 'drop_before' | 'drop_after' | 'error_500' | 'unknown_customer';

const SECRET = 'whsec_standin';
const DAY_SECONDS = 86_400;

/**
 * For tests: a Stripe that can be made to lie, to die after it has acted, and to be away. It speaks the
 * three calls that checkout makes, with idempotency keys. The sandbox (apps/stripe-sandbox) is the honest one.
 */
export class StripeStandIn {
  readonly sessions: StandInSession[] = [];
  readonly customers: string[] = [];
  readonly saved: StandInPayments;
  readonly clawbacks: StandInClawbacks;
  /** Everything that was signed here, as the events list has it. */
  readonly events: { id: string; type: string; created: number; body: string }[] = [];
  /** How often the list was asked for. */
  listedEvents = 0;
  readonly keys: string[] = [];
  /** Taken one by one, by calls that create something. */
  readonly faults: Fault[] = [];
  isAway = false;
  readonly webhookSecret = SECRET;
  private readonly answers = new Map<string, { params: string; status: number; body: string }>();
  private readonly server: Server;
  private eventCount = 0;

  constructor(private readonly name: string) {
    this.saved = new StandInPayments(name);
    this.clawbacks = new StandInClawbacks(name, (id) => this.payment(id));
    this.server = createServer((request, response) => {
      void this.answer(request, response);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  session(id: string): StandInSession {
    const session = this.sessions.find((one) => one.id === id);
    if (session === undefined) throw new Error(`no session ${id}`);
    return session;
  }

  /** Pays the session as a person with a good card does. */
  pay(id: string, change: Partial<StandInSession> = {}): void {
    const session = this.session(id);
    const { amount_total: amount_received, currency } = session;
    Object.assign(session, { status: 'complete', payment_status: 'paid' });
    session.intent = { status: 'succeeded', amount_received, currency };
    Object.assign(session, change);
  }

  /** A signed event about a session or its payment intent. */
  event(type: string, sessionId: string, signedAtMs = Date.now()): SignedEvent {
    const session = this.session(sessionId);
    const object = type.startsWith('payment_intent') ? intentOf(session) : shown(session, false);
    return this.signed(type, object, signedAtMs);
  }

  /** A signed event about a refund, a dispute or a charge. */
  clawbackEvent(type: string, about: object, signedAtMs = Date.now()): SignedEvent {
    return this.signed(type, this.clawbacks.shown(type.split('.')[0] ?? '', about), signedAtMs);
  }

  /** A signed event about a payment without a page. */
  savedEvent(type: string, intentId: string, signedAtMs = Date.now()): SignedEvent {
    return this.signed(type, this.saved.shown(this.saved.intent(intentId)), signedAtMs);
  }

  /** Signed, and in the list of events, whether or not it is delivered. */
  private signed(type: string, object: unknown, signedAtMs: number): SignedEvent {
    this.eventCount += 1;
    const id = `evt_${this.name}_${this.eventCount}`;
    const body = JSON.stringify({ id, object: 'event', type, data: { object } });
    this.events.push({ id, type, created: Math.floor(signedAtMs / 1_000), body });
    return sign(body, signedAtMs);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isAway) return void request.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const path = url.pathname;
    if (request.method === 'GET') return this.answerRead(url, response);
    const key = String(request.headers['idempotency-key']);
    this.keys.push(key);
    const fault = this.faults.shift();
    if (fault === 'drop_before') return void request.socket.destroy();
    const known = this.answers.get(key);
    if (known !== undefined && known.params !== text) return send(response, 400, refusal());
    const answer = known ?? this.act(path, text, fault);
    this.answers.set(key, { params: text, ...answer });
    if (fault === 'drop_after') return void request.socket.destroy();
    send(response, answer.status, answer.body);
  }

  /** A second session of the same top-up that was paid too; its payment intent. */
  strayPayment(sessionId: string): string {
    const session = this.session(sessionId);
    const stray = { ...session, id: `${session.id}_again` };
    this.sessions.push(stray);
    return intentIdOf(stray);
  }

  /** What is known of a payment, with or without a page. */
  payment(id: string): StandInPayment | null {
    const saved = this.saved.intents.find((one) => one.id === id);
    if (saved !== undefined) {
      const shown = this.saved.shown(saved);
      const metadata = shown['metadata'] as Record<string, string>;
      return { id, amount: Number(shown['amount']), currency: saved.currency, metadata };
    }
    const session = this.sessions.find((one) => intentIdOf(one) === id && one.intent !== null);
    if (session === undefined) return null;
    const { amount_total: amount, currency } = session;
    return { id, amount, currency, metadata: metadataOf(session) };
  }

  private act(path: string, text: string, fault?: Fault): { status: number; body: string } {
    if (fault === 'error_500') {
      return { status: 500, body: JSON.stringify({ error: { type: 'api_error', message: 'no' } }) };
    }
    if (fault === 'unknown_customer') {
      const error = { type: 'invalid_request_error', code: 'resource_missing', param: 'customer' };
      return { status: 400, body: JSON.stringify({ error: { ...error, message: 'no such' } }) };
    }
    const params = Object.fromEntries(new URLSearchParams(text));
    const reply = this.clawbacks.write(path, params) ?? this.saved.write(path, params);
    if (reply !== null) return { status: reply.status, body: JSON.stringify(reply.body) };
    if (path === '/v1/customers') {
      const id = `cus_${this.name}_${this.customers.length + 1}`;
      this.customers.push(id);
      return { status: 200, body: JSON.stringify({ id, object: 'customer' }) };
    }
    const session: StandInSession = {
      id: `cs_${this.name}_${this.sessions.length + 1}`,
      params,
      status: 'open',
      payment_status: 'unpaid',
      amount_total: Number(params['line_items[0][price_data][unit_amount]']),
      currency: params['line_items[0][price_data][currency]'] ?? '',
      intent: null,
    };
    this.sessions.push(session);
    return { status: 200, body: JSON.stringify(shown(session, true)) };
  }

  private answerRead(url: URL, response: ServerResponse): void {
    const page = this.sessions.find(
      (one) => url.pathname === `/v1/payment_intents/${intentIdOf(one)}`,
    );
    if (page !== undefined && page.intent !== null) {
      return send(response, 200, JSON.stringify(intentOf(page)));
    }
    if (url.pathname === '/v1/events') {
      this.listedEvents += 1;
      const from = Number(url.searchParams.get('created[gte]') ?? 0);
      const to = Number(url.searchParams.get('created[lte]') ?? Infinity);
      const types = [...url.searchParams].filter(([name]) => name.startsWith('types['));
      const data = this.events
        .filter(({ created }) => created >= from && created <= to)
        .filter(({ type }) => types.length === 0 || types.some(([, one]) => one === type))
        .reverse()
        .map(({ body, created }) => ({ ...(JSON.parse(body) as object), created }));
      return send(response, 200, JSON.stringify({ object: 'list', has_more: false, data }));
    }
    const reply =
      this.clawbacks.read(url.pathname, url.searchParams) ??
      this.saved.read(url.pathname, url.searchParams);
    if (reply !== null) return send(response, reply.status, JSON.stringify(reply.body));
    const intentId = url.searchParams.get('payment_intent');
    if (intentId !== null) {
      const data = this.sessions.filter((one) => intentIdOf(one) === intentId);
      const list = { object: 'list', has_more: false, data: data.map((one) => shown(one, false)) };
      return send(response, 200, JSON.stringify(list));
    }
    const session = this.sessions.find((one) => url.pathname.endsWith(`/sessions/${one.id}`));
    if (session !== undefined) return send(response, 200, JSON.stringify(shown(session, true)));
    const error = { type: 'invalid_request_error', code: 'resource_missing', message: 'none' };
    send(response, 404, JSON.stringify({ error }));
  }
}

export interface SignedEvent {
  readonly body: Buffer;
  readonly signature: string;
}

const stripe = new Stripe('sk_test_standin');

export function sign(body: string, signedAtMs: number, secret = SECRET): SignedEvent {
  const timestamp = Math.floor(signedAtMs / 1_000);
  const signature = stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
  return { body: Buffer.from(body, 'utf8'), signature };
}

function metadataOf(session: StandInSession): Record<string, string | undefined> {
  return {
    orbit_topup_id: session.params['metadata[orbit_topup_id]'],
    orbit_organization_id: session.params['metadata[orbit_organization_id]'],
  };
}

const intentIdOf = (session: StandInSession): string => session.id.replace('cs_', 'pi_');

function intentOf(session: StandInSession): Record<string, unknown> {
  const card = { brand: 'visa', last4: '4242' };
  return {
    ...session.intent,
    id: intentIdOf(session),
    metadata: metadataOf(session),
    payment_method: { id: 'pm_1', type: 'card', card },
    last_payment_error: null,
  };
}

function shown(session: StandInSession, isExpanded: boolean): Record<string, unknown> {
  const { id, status, payment_status, amount_total, currency } = session;
  return {
    object: 'checkout.session',
    ...{ id, status, payment_status, amount_total, currency },
    url: status === 'open' ? `https://pay.example.com/${id}` : null,
    expires_at: Math.floor(Date.now() / 1_000) + DAY_SECONDS,
    metadata: metadataOf(session),
    payment_intent: session.intent && (isExpanded ? intentOf(session) : intentIdOf(session)),
    customer_details: { email: 'payer@example.com' },
  };
}

const refusal = (): string =>
  JSON.stringify({ error: { type: 'idempotency_error', message: 'other parameters' } });

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
}
