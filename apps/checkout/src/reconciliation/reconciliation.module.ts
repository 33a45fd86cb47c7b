import type { Provider } from '@nestjs/common';
import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import { instances, type BackgroundJob, type Feature } from '@orbit/runtime';
import type Stripe from 'stripe';
import { CLAIM_EVENTS } from '../refunds/application/clawbacks-webhook.js';
import type { ClawbackStore } from '../refunds/application/ports.js';
import { FindMissedEvents } from './application/find-missed-events.js';
import type { Log, TopUpStore } from '../topups/application/ports.js';
import type { ReceiveWebhook } from '../webhooks/application/receive-webhook.js';
import type { LedgerBooks } from './application/reconcile-ports.js';
import { ReconcileWithStripe, type ReconcileLimits } from './application/reconcile-stripe.js';
import { ReplayEvents } from './application/replay-events.js';
import { SUBSCRIPTION_EVENTS } from '../plans/application/subscription-webhook.js';
import { WatchStripe } from './application/watch-stripe.js';
import { TOPUP_EVENTS } from '../topups/domain/stripe-event.js';
import { PostgresReconcile } from './adapters/postgres-reconcile.js';
import type { Transport } from '@orbit/contracts';
import { ReconcileController } from './adapters/reconcile.controller.js';
import { RpcLedgerBooks } from './adapters/rpc-ledger-books.js';
import { StripeBooksReader } from './adapters/stripe-books.js';
import { StripeClawbacks } from '../refunds/adapters/stripe-clawbacks.js';

export interface ReconcileDoubles {
  readonly ledgerBooks?: LedgerBooks;
}

export interface ReconcileParts {
  readonly prisma: PrismaClient;
  readonly stripe: Stripe;
  readonly rpc: Transport;
  readonly topups: TopUpStore;
  readonly clawbacks: ClawbackStore;
  readonly receive: ReceiveWebhook;
  readonly publish: () => Promise<unknown>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly limits: ReconcileLimits;
  /** Zero: never by itself. */
  readonly intervalsMs: { readonly compare: number; readonly missed: number };
  /** Whether a difference may pause its wallet. */
  readonly pauses: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly doubles: ReconcileDoubles;
}

/** The comparison of Stripe's books with the ledger's. */
export class ReconciliationFeature implements Feature {
  readonly controllers = [ReconcileController];
  readonly jobs: readonly BackgroundJob[];
  readonly reconcile: ReconcileWithStripe;
  readonly watch: WatchStripe;
  readonly missed: FindMissedEvents;
  readonly providers: readonly Provider[];

  constructor(parts: ReconcileParts) {
    const { prisma, stripe, topups, clawbacks, receive, publish, sleep, clock, log, limits } =
      parts;
    const ledger = parts.doubles.ledgerBooks ?? new RpcLedgerBooks(parts.rpc);
    const books = new StripeBooksReader(stripe, new StripeClawbacks(stripe));
    const store = new PostgresReconcile(prisma);
    const types = [...TOPUP_EVENTS, ...CLAIM_EVENTS, ...SUBSCRIPTION_EVENTS];
    const replay = new ReplayEvents(books, receive, types, publish, log);
    this.missed = new FindMissedEvents(replay, clock);
    this.reconcile = new ReconcileWithStripe(
      books,
      ledger,
      topups,
      clawbacks,
      replay,
      clock,
      sleep,
      limits,
    );
    this.watch = new WatchStripe(this.reconcile, store, ledger, parts.pauses, clock, log);
    this.providers = instances(this.reconcile);
    const { compare, missed } = parts.intervalsMs;
    this.jobs = [
      { name: 'reconcile', intervalMs: compare, run: () => this.watch.run() },
      { name: 'missed_events', intervalMs: missed, run: () => this.missed.run() },
    ].filter(({ intervalMs }) => intervalMs > 0);
  }
}
