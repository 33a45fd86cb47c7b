import { CUSTOMER_PAGES, type CustomerPages } from './portal/portal-ports.js';
import type { AllowanceSplit } from '@orbit/allowances';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { CardMemory, type ChargeIntent } from '@orbit/spend';
import type { Clock } from '@orbit/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import { AdmitRequest } from './organizations/admit-request.js';
import { ExplainCharge } from './orbit/explain/explain-charge.js';
import type { ChargeStates } from './orbit/explain/explain-ports.js';
import { CheckLedger } from './orbit/ledger-health/ledger-health.js';
import { ManageOrganizations } from './organizations/manage-organizations.js';
import { ManageRefunds } from './orbit/refunds/manage-refunds.js';
import { OrganizationWallets } from './edge/requests/organization-wallets.js';
import { CLIENTS, type Clients } from './edge/rpc/clients.js';
import type { PlanKnowledge } from './orbit/charges/spend-allowance.js';
import type { Refunds } from './orbit/refunds/refund-ports.js';
import type {
  DeliveryReports,
  HotReader,
  Invoicing,
  KeyGate,
  KeyHasher,
  OrganizationStore,
  PostingReplies,
  Spender,
} from './edge/ports.js';
import { CaughtUp } from './orbit/wallets/caught-up.js';
import { ReadBalance } from './orbit/wallets/read-balance.js';
import { ReadHistory } from './orbit/wallets/read-history.js';
import { ReportDeliveries } from './orbit/usage/report-deliveries.js';
import { SpendWallet } from './orbit/charges/spend-wallet.js';
import { UsePlans } from './orbit/plans/use-plans.js';
import { TopUpNow, type BookingWait } from './orbit/payments/top-up-now.js';
import { BOOKING_POLL_MS, BOOKING_WAIT_MS, POSTING_WAIT_MS } from './gateway.config.js';
import { AutoReloadController } from './orbit/payments/auto-reload.controller.js';
import { AuthorizationsController } from './orbit/charges/authorizations.controller.js';
import { ChargesController } from './orbit/charges/charges.controller.js';
import { Envelopes } from './edge/http/envelope.js';
import { ExplainController } from './orbit/explain/explain.controller.js';
import { HealthController, READINESS, type Readiness } from './edge/http/health.controller.js';
import {
  CreditNotesController,
  InvoicesController,
  PUBLIC_URL,
} from './orbit/invoices/invoices.controller.js';
import { LeasesController } from './orbit/leases/leases.controller.js';
import { LedgerHealthController } from './orbit/ledger-health/ledger-health.controller.js';
import { LedgerOperatorController } from './orbit/ledger-health/ledger-operator.controller.js';
import { OrganizationsController } from './organizations/organizations.controller.js';
import { PaymentMethodsController } from './orbit/payments/payment-methods.controller.js';
import { PlansController } from './orbit/plans/plans.controller.js';
import {
  OperatorRefundsController,
  RefundsController,
} from './orbit/refunds/refunds.controller.js';
import { OperatorTopUpsController, TopUpsController } from './orbit/payments/topups.controller.js';
import { TransactionsController } from './orbit/wallets/transactions.controller.js';
import { UsageController } from './orbit/usage/usage.controller.js';
import { CreditBlocksController } from './orbit/blocks/credit-blocks.controller.js';
import { GrantSchedulesController } from './orbit/blocks/grant-schedules.controller.js';
import { OperatorBlocksController } from './orbit/blocks/operator-blocks.controller.js';
import { WalletOperationsController } from './orbit/wallets/wallet-operations.controller.js';
import { WalletController } from './orbit/wallets/wallet.controller.js';
import { DeprecatedKeys, type DeprecatedSource } from './orb/ingest/deprecated-keys.js';
import { CustomerCache } from './orb/ingest/customer-cache.js';
import type { AccountTimes, UsageKeys, UsageTopic } from './orb/ingest/ingest-ports.js';
import { ServeIngest } from './orb/ingest/serve-ingest.js';
import { TellNames, type NameListener } from './organizations/customers/tell-names.js';
import { ServeOperation } from './orb/serve-operation.js';
import {
  OperatorRateCardController,
  RateCardController,
} from './orbit/rate-card/rate-card.controller.js';
import { PriceCharges } from './edge/rates/price-charges.js';
import { TAX_RATES, TaxRatesController, type TaxRates } from './orbit/taxes/taxes.controller.js';
import { MarginController } from './orbit/margin/margin.controller.js';
import { KnownCharges } from './edge/rates/known-charges.js';
import { RATE_CARDS, type RateCards } from './edge/rates/rate-cards.js';
import { AccountsController } from './organizations/accounts/accounts.controller.js';
import {
  ACCOUNT_CLOCKS,
  type AccountClocks,
  type AccountPrincipal,
  type AccountStore,
} from './organizations/accounts/account-ports.js';
import { AdmitAccount } from './organizations/accounts/admit-account.js';
import type { CustomerDirectory, OrbOwners } from './organizations/customers/customer-ports.js';
import { MakeCustomers } from './organizations/customers/make-customers.js';
import { ManageAccounts } from './organizations/accounts/manage-accounts.js';
import { WebhooksController } from './orbit/payments/webhooks.controller.js';
import { AccountDeliveriesController } from './orbit/webhooks/account-deliveries.controller.js';
import { WebhookEndpointsController } from './orbit/webhooks/webhook-endpoints.controller.js';

/** Every effect that the gateway can have, as adapters; `gateway.resources.ts` makes the real ones. */
export interface GatewayPorts {
  readonly clock: Clock;
  readonly organizations: OrganizationStore;
  readonly gate: KeyGate;
  readonly accounts: AccountStore;
  readonly accountGate: KeyGate<AccountPrincipal>;
  readonly accountClocks: AccountClocks;
  readonly customerPages: CustomerPages;
  readonly customers: CustomerDirectory;
  readonly orbOwners: OrbOwners;
  readonly usage: UsageKeys & NameListener & AccountTimes & DeprecatedSource;
  readonly usageTopic: UsageTopic;
  readonly hasher: KeyHasher;
  readonly hot: HotReader;
  readonly spender: Spender;
  /** The id that an authorization of this has. */
  readonly authorizationIdOf: (intent: ChargeIntent, terms: AllowanceSplit | null) => string;
  readonly replies: PostingReplies;
  readonly deliveryReports: DeliveryReports;
  readonly clients: Clients;
  readonly chargeStates: ChargeStates;
  readonly rateCards: RateCards;
  readonly taxRates: TaxRates;
  readonly planKnowledge: Pick<PlanKnowledge, 'learn' | 'expectPlan'>;
  readonly refunds: Refunds;
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
        AccountsController,
        RateCardController,
        OperatorRateCardController,
        TaxRatesController,
        MarginController,
        WalletOperationsController,
        OperatorBlocksController,
        GrantSchedulesController,
        CreditBlocksController,
        LedgerOperatorController,
        WebhooksController,
        WebhookEndpointsController,
        AccountDeliveriesController,
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
  const { clock, organizations, gate, hasher, clients, invoicing } = ports;
  const { wallets } = clients;
  const { accounts, accountGate, accountClocks, customers, orbOwners } = ports;
  const names = new TellNames(customers, ports.usage, clock);
  const makeCustomers = new MakeCustomers(customers, orbOwners, wallets, clock, names);
  const known = new CustomerCache(customers, clock);
  const deprecated = new DeprecatedKeys(ports.usage, clock);
  const ingest = new ServeIngest(known, ports.usageTopic, ports.usage, ports.usage, deprecated);
  const cards = new CardMemory(ports.rateCards, clock);
  const caughtUp = new CaughtUp(ports.hot, (ms) => sleep(ms));
  const value = <T extends object>(instance: T): Provider => ({
    provide: instance.constructor,
    useValue: instance,
  });
  return [
    value(new Envelopes(clock)),
    value(new AdmitRequest(gate, organizations, hasher)),
    value(new ReadBalance(wallets, caughtUp, clock)),
    value(new TopUpNow(clients, caughtUp, clock, bookingWait(ports.bookingWaitMs))),
    value(new ManageRefunds(ports.refunds)),
    value(new ReadHistory(invoicing)),
    value(new UsePlans(ports.clients, clock, ports.planKnowledge)),
    value(new ReportDeliveries(ports.deliveryReports)),
    value(
      new SpendWallet(
        ports.spender,
        wallets,
        ports.replies,
        POSTING_WAIT_MS,
        clock,
        ports.authorizationIdOf,
      ),
    ),
    value(
      new ManageOrganizations(organizations, gate, hasher, wallets, clock, accounts, makeCustomers),
    ),
    value(new AdmitAccount(accountGate, accounts, hasher)),
    value(new ManageAccounts(accounts, accountGate, hasher, clock, accountClocks)),
    value(
      new ServeOperation(
        customers,
        makeCustomers,
        orbOwners,
        wallets,
        clock,
        ingest,
        names,
        known,
        deprecated,
      ),
    ),
    value(makeCustomers),
    value(names),
    value(new OrganizationWallets(organizations)),
    { provide: CLIENTS, useValue: clients },
    value(new ExplainCharge(clients, ports.chargeStates)),
    value(new CheckLedger(clients.ledgerHealth, clock)),
    { provide: ACCOUNT_CLOCKS, useValue: accountClocks },
    { provide: CUSTOMER_PAGES, useValue: ports.customerPages },
    value(cards),
    value(new PriceCharges(cards, new KnownCharges(ports.chargeStates, wallets))),
    { provide: RATE_CARDS, useValue: ports.rateCards },
    { provide: TAX_RATES, useValue: ports.taxRates },
    { provide: READINESS, useValue: ports.readiness },
    { provide: PUBLIC_URL, useValue: ports.publicUrl },
  ];
}
