/** How a saved payment method behaves when it is charged without its owner. */
export type MethodBehavior = 'pays' | 'declines' | 'asks_owner' | 'debits';

export interface StandInMethod {
  readonly id: string;
  readonly customer: string;
  behavior: MethodBehavior;
  isDetached: boolean;
  readonly created: number;
}

export interface StandInIntent {
  readonly id: string;
  readonly params: Readonly<Record<string, string>>;
  status: string;
  amount_received: number;
  currency: string;
  lastError: string | null;
  readonly created: number;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** For tests: the part of the stand-in that keeps payment methods and charges them. */
export class StandInPayments {
  readonly methods: StandInMethod[] = [];
  readonly intents: StandInIntent[] = [];
  readonly setupPages: Readonly<Record<string, string>>[] = [];
  private readonly defaults = new Map<string, string>();

  constructor(private readonly name: string) {}

  /** Saves a card for a customer, as a paid session does. */
  save(customer: string, behavior: MethodBehavior = 'pays'): StandInMethod {
    const id = `pm_${this.name}_${this.methods.length + 1}`;
    const created = 1_700_000_000 + this.methods.length;
    const method = { id, customer, behavior, isDetached: false, created };
    this.methods.push(method);
    return method;
  }

  intent(id: string): StandInIntent {
    const intent = this.intents.find((one) => one.id === id);
    if (intent === undefined) throw new Error(`no payment ${id}`);
    return intent;
  }

  intentsOf(topupId: string): StandInIntent[] {
    return this.intents.filter((one) => one.params['metadata[orbit_topup_id]'] === topupId);
  }

  /** The bank says yes at last: a debit arrives, or the owner has authenticated. */
  succeed(id: string): void {
    const intent = this.intent(id);
    Object.assign(intent, { status: 'succeeded', amount_received: amountOf(intent) });
    intent.lastError = null;
  }

  fail(id: string, code: string): void {
    Object.assign(this.intent(id), { status: 'requires_payment_method', lastError: code });
  }

  read(path: string, query: URLSearchParams): Reply | null {
    const [, , kind, id, list] = path.split('/');
    if (kind === 'customers' && list === 'payment_methods') {
      const mine = this.methods.filter((one) => one.customer === id && !one.isDetached);
      return ok({ object: 'list', has_more: false, data: mine.map(shownMethod) });
    }
    if (kind === 'customers') {
      const chosen = this.defaults.get(id ?? '') ?? null;
      return ok({ id, object: 'customer', invoice_settings: { default_payment_method: chosen } });
    }
    if (kind !== 'payment_intents') return null;
    if (id === undefined) {
      const mine = this.intents.filter((one) => one.params['customer'] === query.get('customer'));
      return ok({ object: 'list', has_more: false, data: mine.map((one) => this.shown(one)) });
    }
    const intent = this.intents.find((one) => one.id === id);
    return intent === undefined ? missing() : ok(this.shown(intent));
  }

  write(path: string, params: Readonly<Record<string, string>>): Reply | null {
    const [, , kind, id, action] = path.split('/');
    if (kind === 'payment_methods' && action === 'detach') {
      const method = this.methods.find((one) => one.id === id);
      if (method === undefined) return missing();
      method.isDetached = true;
      return ok(shownMethod(method));
    }
    if (kind === 'customers' && id !== undefined) {
      this.defaults.set(id, params['invoice_settings[default_payment_method]'] ?? '');
      return ok({ id, object: 'customer' });
    }
    if (kind === 'checkout' && params['mode'] === 'setup') {
      this.setupPages.push(params);
      return ok({ id: 'cs_setup', url: 'https://pay.example.com/setup', metadata: {} });
    }
    if (kind !== 'payment_intents') return null;
    if (id === undefined) return this.charge(params);
    const intent = this.intent(id);
    if (action === 'confirm') {
      Object.assign(intent, { status: 'requires_action', lastError: null });
    } else if (intent.status === 'succeeded') {
      return refused('payment_intent_unexpected_state', intent.id);
    } else intent.status = 'canceled';
    return ok(this.shown(intent));
  }

  private charge(params: Readonly<Record<string, string>>): Reply {
    const method = this.methods.find((one) => one.id === params['payment_method']);
    if (method === undefined || method.isDetached) return refused('resource_missing');
    const intent: StandInIntent = {
      id: `pi_${this.name}_saved_${this.intents.length + 1}`,
      params,
      status: 'processing',
      amount_received: 0,
      currency: params['currency'] ?? '',
      lastError: null,
      created: Math.floor(Date.now() / 1_000),
    };
    this.intents.push(intent);
    if (method.behavior === 'debits') return ok(this.shown(intent));
    if (method.behavior === 'pays') {
      this.succeed(intent.id);
      return ok(this.shown(intent));
    }
    const code = method.behavior === 'declines' ? 'insufficient_funds' : 'authentication_required';
    this.fail(intent.id, code);
    const error = { type: 'card_error', code: 'card_declined', decline_code: code, message: 'no' };
    return { status: 402, body: { error: { ...error, payment_intent: this.shown(intent) } } };
  }

  shown(intent: StandInIntent): Record<string, unknown> {
    const { id, status, amount_received, currency, lastError, params } = intent;
    const card = { brand: 'visa', last4: '4242' };
    const url = `https://bank.example.com/${id}`;
    return {
      ...{ id, object: 'payment_intent', status, amount_received, currency },
      amount: amountOf(intent),
      created: intent.created,
      metadata: {
        orbit_topup_id: params['metadata[orbit_topup_id]'],
        orbit_organization_id: params['metadata[orbit_organization_id]'],
        orbit_invoice_id: params['metadata[orbit_invoice_id]'],
        orbit_payment_id: params['metadata[orbit_payment_id]'],
      },
      payment_method: { id: params['payment_method'], type: 'card', card },
      receipt_email: null,
      last_payment_error: lastError && { code: 'card_declined', decline_code: lastError },
      next_action:
        status === 'requires_action' ? { type: 'redirect_to_url', redirect_to_url: { url } } : null,
    };
  }
}

const amountOf = (intent: StandInIntent): number => Number(intent.params['amount']);

const shownMethod = ({ id, created, customer }: StandInMethod) => ({
  ...{ id, object: 'payment_method', type: 'card', created, customer },
  card: { brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2030 },
});

const ok = (body: unknown): Reply => ({ status: 200, body });

const missing = (): Reply => ({
  status: 404,
  body: {
    error: { type: 'invalid_request_error', code: 'resource_missing', message: 'none' },
  },
});

const refused = (code: string, id?: string): Reply => ({
  status: 400,
  body: { error: { type: 'invalid_request_error', code, message: id ?? code } },
});
