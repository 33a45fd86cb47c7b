import type { Provider } from '@nestjs/common';
import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import type Stripe from 'stripe';
import type { ClaimsProvider, RefundLedger } from './application/claims-ports.js';
import { ClaimsWebhook } from './application/claims-webhook.js';
import type { SavedPayments } from '../topups/application/payment-ports.js';
import type { Log, PaymentProvider, TopUpStore } from '../topups/application/ports.js';
import { ReadClaims } from './application/read-claims.js';
import { RecoverClaims } from './application/recover-claims.js';
import { RequestRefund } from './application/request-refund.js';
import { SettleClaims } from './application/settle-claims.js';
import type { SettleTopUp } from '../topups/application/settle-topup.js';
import { PostgresClaims } from './adapters/postgres-claims.js';
import type { Rpc } from '../topups/adapters/rpc.js';
import { RpcRefundLedger } from './adapters/rpc-refund-ledger.js';
import { StripeClaims } from './adapters/stripe-claims.js';

export interface RefundDoubles {
  readonly refundLedger?: RefundLedger;
  /** Stands between the use cases and Stripe. */
  readonly claims?: (real: ClaimsProvider) => ClaimsProvider;
  /** Stands before each adapter: a test sees every step there, and may die at any of them. */
  readonly port?: <T extends object>(real: T) => T;
}

export interface RefundParts {
  readonly prisma: PrismaClient;
  readonly stripe: Stripe;
  readonly rpc: Rpc;
  readonly topups: TopUpStore;
  readonly provider: PaymentProvider;
  readonly payments: SavedPayments;
  readonly settleTopUp: SettleTopUp;
  readonly clock: Clock;
  readonly log: Log;
  readonly doubles: RefundDoubles;
}

/** Money that goes back: wired apart, because taking money needs none of it. */
export class CheckoutRefunds {
  readonly request: RequestRefund;
  readonly read: ReadClaims;
  readonly recover: RecoverClaims;
  readonly webhook: ClaimsWebhook;
  readonly store: PostgresClaims;
  readonly providers: readonly Provider[];

  constructor(parts: RefundParts) {
    const { topups, provider, payments, clock, log, doubles } = parts;
    const port = doubles.port ?? ((adapter) => adapter);
    const real = port(new StripeClaims(parts.stripe));
    const claims = doubles.claims?.(real) ?? real;
    const ledger = port(doubles.refundLedger ?? new RpcRefundLedger(parts.rpc));
    this.store = port(new PostgresClaims(parts.prisma));
    const settle = new SettleClaims(this.store, clock, log);
    this.request = new RequestRefund(topups, this.store, ledger, claims, settle, clock, log);
    this.read = new ReadClaims(this.store);
    this.recover = new RecoverClaims(topups, this.store, claims, this.request, settle, clock, log);
    this.webhook = new ClaimsWebhook(topups, provider, payments, claims, parts.settleTopUp, settle);
    this.providers = [
      { provide: RequestRefund, useValue: this.request },
      { provide: ReadClaims, useValue: this.read },
    ];
  }
}
