import type { Provider } from '@nestjs/common';
import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { instances, type BackgroundJob, type Feature } from '@orbit/runtime';
import type Stripe from 'stripe';
import type { ClawbacksProvider, RefundLedger } from './application/ports.js';
import { ClawbacksWebhook } from './application/clawbacks-webhook.js';
import type { SavedPayments } from '../topups/application/payment-ports.js';
import type { Log, PaymentProvider, TopUpStore } from '../topups/application/ports.js';
import { ReadClawbacks } from './application/read-clawbacks.js';
import { RecoverClawbacks } from './application/recover-clawbacks.js';
import { RequestRefund } from './application/request-refund.js';
import { ApplyClawbacks } from './application/apply-clawbacks.js';
import type { ApplyPayment } from '../topups/application/apply-payment.js';
import { PostgresClawbacks } from './adapters/postgres-clawbacks.js';
import type { Transport } from '@orbit/contracts';
import { RpcRefundLedger } from './adapters/rpc-refund-ledger.js';
import { RefundsController } from './adapters/refunds.controller.js';
import { RECOVER_CLAIMS_INTERVAL_MS } from '../checkout.config.js';
import { StripeClawbacks } from './adapters/stripe-clawbacks.js';

export interface RefundDoubles {
  readonly refundLedger?: RefundLedger;
  /** Stands between the use cases and Stripe. */
  readonly clawbacks?: (real: ClawbacksProvider) => ClawbacksProvider;
  /** Stands before each adapter: a test sees every step there, and may die at any of them. */
  readonly port?: <T extends object>(real: T) => T;
}

export interface RefundParts {
  readonly prisma: PrismaClient;
  readonly stripe: Stripe;
  readonly rpc: Transport;
  readonly topups: TopUpStore;
  readonly provider: PaymentProvider;
  readonly payments: SavedPayments;
  readonly applyPayment: ApplyPayment;
  readonly clock: Clock;
  readonly log: Log;
  readonly doubles: RefundDoubles;
}

/** Refunds and disputes: money that goes back. Taking money needs none of it. */
export class RefundsFeature implements Feature {
  readonly controllers = [RefundsController];
  readonly jobs: readonly BackgroundJob[];
  readonly request: RequestRefund;
  readonly read: ReadClawbacks;
  readonly recover: RecoverClawbacks;
  readonly webhook: ClawbacksWebhook;
  readonly store: PostgresClawbacks;
  readonly providers: readonly Provider[];

  constructor(parts: RefundParts) {
    const { topups, provider, payments, clock, log, doubles } = parts;
    const port = doubles.port ?? ((adapter) => adapter);
    const real = port(new StripeClawbacks(parts.stripe));
    const clawbacks = doubles.clawbacks?.(real) ?? real;
    const ledger = port(doubles.refundLedger ?? new RpcRefundLedger(parts.rpc));
    this.store = port(new PostgresClawbacks(parts.prisma));
    const applyClawbacks = new ApplyClawbacks(this.store, clock, log);
    this.request = new RequestRefund(
      topups,
      this.store,
      ledger,
      clawbacks,
      applyClawbacks,
      clock,
      log,
    );
    this.read = new ReadClawbacks(this.store);
    this.recover = new RecoverClawbacks(
      topups,
      this.store,
      clawbacks,
      this.request,
      applyClawbacks,
      clock,
      log,
    );
    this.webhook = new ClawbacksWebhook(
      topups,
      provider,
      payments,
      clawbacks,
      parts.applyPayment,
      applyClawbacks,
    );
    this.providers = instances(this.request, this.read);
    this.jobs = [
      {
        name: 'claims',
        intervalMs: RECOVER_CLAIMS_INTERVAL_MS,
        run: () => this.recover.run(),
      },
    ];
  }
}
