import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import type { ChargeIntent } from '@orbit/spend';
import type { Clock } from '@orbit/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import { AcceptWebhook } from './application/accept-webhook.js';
import { AdmitRequest } from './application/admit-request.js';
import { ExplainCharge } from './application/explain-charge.js';
import type { ChargeStates, LedgerProofs } from './application/explain-ports.js';
import { CheckLedger } from './application/ledger-health.js';
import { ManageOrganizations } from './application/manage-organizations.js';
import { ManagePayments } from './application/manage-payments.js';
import { ManageRefunds } from './application/manage-refunds.js';
import { OperateBlocks } from './application/operate-blocks.js';
import { OperateWallets } from './application/operate-wallets.js';
import type { Payments } from './application/payment-ports.js';
import type { Plans } from './application/plan-ports.js';
import type { PlanKnowledge } from './application/spend-allowance.js';
import type { Refunds } from './application/refund-ports.js';
import type {
  Checkout,
  DeliveryReports,
  HotReader,
  Invoicing,
  KeyGate,
  KeyHasher,
  Ledger,
  Metering,
  OrganizationStore,
  PostingReplies,
  Spender,
  WalletOperations,
} from './application/ports.js';
import type { Leases } from './application/lease-ports.js';
import { CaughtUp } from './application/caught-up.js';
import { ReadBalancesAt } from './application/read-balances-at.js';
import { ReadBalance } from './application/read-balance.js';
import { ReadHistory } from './application/read-history.js';
import { ReportDeliveries } from './application/report-deliveries.js';
import { SpendWallet } from './application/spend-wallet.js';
import { StartTopUp } from './application/start-top-up.js';
import { UseLeases } from './application/use-leases.js';
import { UsePlans } from './application/use-plans.js';
import { TopUpNow, type BookingWait } from './application/top-up-now.js';
import { BOOKING_POLL_MS, BOOKING_WAIT_MS, POSTING_WAIT_MS } from './gateway.config.js';
import { AutoReloadController } from './inbound/auto-reload.controller.js';
import { AuthorizationsController } from './inbound/authorizations.controller.js';
import { ChargesController } from './inbound/charges.controller.js';
import { Envelopes } from './inbound/envelope.js';
import { ExplainController } from './inbound/explain.controller.js';
import { HealthController, READINESS, type Readiness } from './inbound/health.controller.js';
import {
  CreditNotesController,
  InvoicesController,
  PUBLIC_URL,
} from './inbound/invoices.controller.js';
import { LeasesController } from './inbound/leases.controller.js';
import { LedgerHealthController } from './inbound/ledger-health.controller.js';
import { LedgerOperatorController } from './inbound/ledger-operator.controller.js';
import { OrganizationsController } from './inbound/organizations.controller.js';
import { PaymentMethodsController } from './inbound/payment-methods.controller.js';
import { PlansController } from './inbound/plans.controller.js';
import { OperatorRefundsController, RefundsController } from './inbound/refunds.controller.js';
import { OperatorTopUpsController, TopUpsController } from './inbound/topups.controller.js';
import { TransactionsController } from './inbound/transactions.controller.js';
import { UsageController } from './inbound/usage.controller.js';
import { CreditBlocksController } from './inbound/credit-blocks.controller.js';
import { GrantSchedulesController } from './inbound/grant-schedules.controller.js';
import { OperatorBlocksController } from './inbound/operator-blocks.controller.js';
import { WalletOperationsController } from './inbound/wallet-operations.controller.js';
import { WalletController } from './inbound/wallet.controller.js';
import { WebhooksController } from './inbound/webhooks.controller.js';

/** Every effect that the gateway can have, as adapters; `gateway.resources.ts` makes the real ones. */
export interface GatewayPorts {
  readonly clock: Clock;
  readonly organizations: OrganizationStore;
  readonly gate: KeyGate;
  readonly hasher: KeyHasher;
  readonly hot: HotReader;
  readonly spender: Spender;
  /** The id that an authorization of this has. */
  readonly authorizationIdOf: (intent: ChargeIntent) => string;
  readonly replies: PostingReplies;
  readonly deliveryReports: DeliveryReports;
  readonly ledger: Ledger;
  readonly walletOperations: WalletOperations;
  readonly proofs: LedgerProofs;
  readonly chargeStates: ChargeStates;
  readonly checkout: Checkout;
  readonly payments: Payments;
  readonly plans: Plans;
  readonly planKnowledge: Pick<PlanKnowledge, 'learn' | 'expectPlan'>;
  readonly refunds: Refunds;
  readonly leases: Leases;
  readonly metering: Metering;
  readonly invoicing: Invoicing;
  readonly readiness: Readiness;
  readonly publicUrl: string;
  /** How long a top-up waits for its booking, in milliseconds; BOOKING_WAIT_MS unless told. */
  readonly bookingWaitMs?: number;
}

/** The only file where ports meet use cases. */
@Module({})
export class GatewayModule {
  static of(ports: GatewayPorts): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [
        ChargesController,
        ExplainController,
        AuthorizationsController,
        LeasesController,
        WalletController,
        TopUpsController,
        PaymentMethodsController,
        AutoReloadController,
        OperatorTopUpsController,
        RefundsController,
        OperatorRefundsController,
        TransactionsController,
        UsageController,
        PlansController,
        InvoicesController,
        CreditNotesController,
        OrganizationsController,
        WalletOperationsController,
        OperatorBlocksController,
        GrantSchedulesController,
        CreditBlocksController,
        LedgerOperatorController,
        WebhooksController,
        HealthController,
        LedgerHealthController,
      ],
      providers: providersOf(ports),
    };
  }
}

const bookingWait = (timeoutMs = BOOKING_WAIT_MS): BookingWait => ({
  timeoutMs,
  pollMs: BOOKING_POLL_MS,
  sleep: (ms) => sleep(ms),
});

function providersOf(ports: GatewayPorts): Provider[] {
  const { clock, organizations, gate, hasher, ledger, checkout, metering, invoicing } = ports;
  const caughtUp = new CaughtUp(ports.hot, (ms) => sleep(ms));
  const value = <T extends object>(instance: T): Provider => ({
    provide: instance.constructor,
    useValue: instance,
  });
  return [
    value(new Envelopes(clock)),
    value(new AdmitRequest(gate, organizations, hasher)),
    value(new ReadBalance(ledger, caughtUp, clock)),
    value(new StartTopUp(checkout)),
    value(new TopUpNow(ports.payments, ledger, caughtUp, clock, bookingWait(ports.bookingWaitMs))),
    value(new ManagePayments(ports.payments)),
    value(new ManageRefunds(ports.refunds)),
    value(new ReadHistory(ledger, metering, invoicing)),
    value(new UseLeases(ports.leases)),
    value(new UsePlans(ports.plans, clock, ports.planKnowledge)),
    value(new ReportDeliveries(ports.deliveryReports)),
    value(
      new SpendWallet(
        ports.spender,
        ledger,
        ports.replies,
        POSTING_WAIT_MS,
        clock,
        ports.authorizationIdOf,
      ),
    ),
    value(new ManageOrganizations(organizations, gate, hasher, ledger, clock)),
    value(new OperateWallets(organizations, ports.walletOperations)),
    value(new OperateBlocks(organizations, ports.walletOperations)),
    value(new ExplainCharge(ledger, ports.proofs, ports.chargeStates)),
    value(new CheckLedger(ports.proofs, clock)),
    value(new ReadBalancesAt(ports.proofs)),
    value(new AcceptWebhook(checkout)),
    { provide: READINESS, useValue: ports.readiness },
    { provide: PUBLIC_URL, useValue: ports.publicUrl },
  ];
}
