/** What a test lets Stripe believe about money that went back. */
export interface StandInRefund {
  readonly id: string;
  readonly payment_intent: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly reason: string | null;
  status: string;
  failure_reason: string | null;
  /** The movement that took it from the balance. */
  balance_transaction: string | null;
  readonly created: number;
}

export interface StandInDispute {
  readonly id: string;
  readonly payment_intent: string;
  amount: number;
  readonly currency: string;
  readonly reason: string;
  status: string;
  balance_transactions: StandInMovement[];
  readonly created: number;
}

/** A balance transaction. */
export interface StandInMovement {
  readonly id: string;
  readonly type: string;
  readonly amount: number;
  readonly fee: number;
  readonly currency: string;
  readonly created: number;
  readonly source: Readonly<Record<string, unknown>>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** What the stand-in knows of a payment. */
export interface StandInPayment {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string | undefined>>;
}

const FEE = 1_500;

/** For tests: the part of the stand-in that pays back, is disputed and keeps the balance. */
export class StandInClawbacks {
  readonly refunds: StandInRefund[] = [];
  readonly disputes: StandInDispute[] = [];
  readonly movements: StandInMovement[] = [];
  /** What the next refunds begin as. */
  nextStatus = 'succeeded';
  /** Payments whose refunds begin as pending. */
  readonly slow = new Set<string>();

  constructor(
    private readonly name: string,
    private readonly payment: (id: string) => StandInPayment | null,
  ) {}

  /** As a person does in the dashboard: without metadata. */
  refundInDashboard(paymentIntent: string, amount: number): StandInRefund {
    return this.add({ payment_intent: paymentIntent, amount: String(amount) });
  }

  refundsOf(paymentIntent: string): StandInRefund[] {
    return this.refunds.filter((one) => one.payment_intent === paymentIntent);
  }

  /** The bank has decided about a refund. */
  settleRefund(id: string, status: 'succeeded' | 'failed'): void {
    const refund = this.refunds.find((one) => one.id === id);
    if (refund === undefined) throw new Error(`no refund ${id}`);
    refund.status = status;
    if (status !== 'failed') return;
    refund.failure_reason = 'declined';
    this.move('refund_failure', refund.amount, 0, refund);
  }

  /** The cardholder goes to the bank; at most what is left of the charge, unless the test says otherwise. */
  dispute(paymentIntent: string, amount?: number, isInquiry = false): StandInDispute {
    const payment = this.payment(paymentIntent);
    if (payment === null) throw new Error(`no payment ${paymentIntent}`);
    const dispute: StandInDispute = {
      id: `dp_${this.name}_${this.disputes.length + 1}`,
      payment_intent: paymentIntent,
      amount: amount ?? payment.amount,
      currency: payment.currency,
      reason: 'fraudulent',
      status: isInquiry ? 'warning_needs_response' : 'needs_response',
      balance_transactions: [],
      created: now(),
    };
    this.disputes.push(dispute);
    if (!isInquiry) this.withdraw(dispute);
    return dispute;
  }

  closeDispute(dispute: StandInDispute, status: 'won' | 'lost' | 'warning_closed'): void {
    dispute.status = status;
    if (status !== 'won') return;
    dispute.balance_transactions.push(this.move('adjustment', dispute.amount, -FEE, dispute));
  }

  /** Paid: the balance grows by the charge. */
  charged(paymentIntent: string): void {
    const payment = this.payment(paymentIntent);
    if (payment === null) throw new Error(`no payment ${paymentIntent}`);
    const source = { id: `ch_${paymentIntent}`, object: 'charge', payment_intent: paymentIntent };
    this.move('charge', payment.amount, 320, { ...source, currency: payment.currency });
  }

  read(path: string, query: URLSearchParams): Reply | null {
    const [, , kind, id] = path.split('/');
    const intent = query.get('payment_intent');
    const ofIntent = (one: { payment_intent: string }): boolean =>
      intent === null || one.payment_intent === intent;
    if (kind === 'refunds') return this.answer('refund', this.refunds.filter(ofIntent), id);
    if (kind === 'disputes') return this.answer('dispute', this.disputes.filter(ofIntent), id);
    if (kind === 'balance_transactions') {
      const since = Number(query.get('created[gte]') ?? 0);
      const moved = this.movements.filter(({ created }) => created >= since);
      return list(moved.map((one) => ({ ...one, object: 'balance_transaction' })));
    }
    return null;
  }

  write(path: string, params: Readonly<Record<string, string>>): Reply | null {
    if (path !== '/v1/refunds') return null;
    const payment = this.payment(params['payment_intent'] ?? '');
    if (payment === null) return refused('resource_missing');
    const gone = this.refundsOf(payment.id)
      .filter((one) => one.status !== 'failed')
      .reduce((sum, one) => sum + one.amount, 0);
    const isDisputed = this.disputes.some(
      (one) => one.payment_intent === payment.id && ['needs_response', 'lost'].includes(one.status),
    );
    if (isDisputed) return refused('charge_disputed');
    if (gone + Number(params['amount']) > payment.amount) return refused('charge_already_refunded');
    return { status: 200, body: { ...this.add(params), object: 'refund' } };
  }

  private add(params: Readonly<Record<string, string>>): StandInRefund {
    const id = `re_${this.name}_${this.refunds.length + 1}`;
    const metadata = Object.fromEntries(
      Object.entries(params)
        .filter(([name]) => name.startsWith('metadata['))
        .map(([name, value]) => [name.slice('metadata['.length, -1), value]),
    );
    const paymentIntent = params['payment_intent'] ?? '';
    const refund: StandInRefund = {
      ...{ id, metadata, payment_intent: paymentIntent },
      amount: Number(params['amount']),
      currency: this.payment(paymentIntent)?.currency ?? 'usd',
      reason: params['reason'] ?? null,
      status: this.slow.has(paymentIntent) ? 'pending' : this.nextStatus,
      failure_reason: null,
      balance_transaction: null,
      created: now(),
    };
    this.refunds.push(refund);
    refund.balance_transaction = this.move('refund', -refund.amount, 0, refund).id;
    return refund;
  }

  private withdraw(dispute: StandInDispute): void {
    dispute.balance_transactions.push(this.move('adjustment', -dispute.amount, FEE, dispute));
  }

  private move(type: string, amount: number, fee: number, source: object): StandInMovement {
    const { balance_transactions: _moved, ...shown } = source as Partial<StandInDispute>;
    const object = type.startsWith('refund') ? 'refund' : type === 'charge' ? 'charge' : 'dispute';
    const moved: StandInMovement = {
      id: `txn_${this.name}_${this.movements.length + 1}`,
      ...{ type, amount, fee, currency: shown.currency ?? 'usd', created: now() },
      source: { ...shown, object },
    };
    this.movements.push(moved);
    return moved;
  }

  private answer(object: string, all: readonly { id: string }[], id: string | undefined): Reply {
    const shown = all.map((one) => this.shown(object, one));
    if (id === undefined) return list(shown);
    const one = shown.find((candidate) => candidate['id'] === id);
    return one === undefined ? missing() : { status: 200, body: one };
  }

  /** The object of an event, or of an answer. */
  shown(object: string, one: object): Record<string, unknown> {
    return { ...one, object, evidence_details: { due_by: now() + 604_800 } };
  }
}

const now = (): number => Math.floor(Date.now() / 1_000);

const list = (data: readonly unknown[]): Reply => ({
  status: 200,
  body: { object: 'list', has_more: false, data: [...data].reverse() },
});

const refused = (code: string): Reply => ({
  status: 400,
  body: { error: { type: 'invalid_request_error', code, message: code } },
});

const missing = (): Reply => ({
  status: 404,
  body: { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'none' } },
});
