import type { CreatedBetween, PageQuery } from '@orbit/orb-api';
import type { Decimal } from '@orbit/pricing';
import type { Facts } from '../../webhooks/domain/fact.js';
import type {
  BillingCustomer,
  Subscription,
  UsageAsk,
  UsageByKey,
} from '../../billing/domain/subscription.js';
import type { CustomerName } from '../../billing/domain/stores.js';
import type { Alert, AlertScope } from '../domain/alert.js';

type Fields = Readonly<Record<string, unknown>>;

/** A wallet by its owner and its currency or unit. */
export interface WalletName {
  readonly customerId: string;
  readonly currency: string;
}

/** How far the balance of a wallet was looked at. */
export interface SeenBalance extends WalletName {
  readonly accountId: string;
  /** Of the last entry that was looked at; 0: none. */
  readonly sequence: bigint;
  readonly balance: Decimal;
}

/** One entry of the books, and what it left. */
export interface BalanceStep {
  readonly sequence: bigint;
  readonly balance: Decimal;
  /** Account time. */
  readonly bookedAtMs: number;
}

/** Wallet-ledger's balances. Errors: unavailable, timeout. */
export interface Balances {
  /** Entries after the one that was seen, oldest first; a wallet that is not there has none. At most 1,000 wallets. */
  stepsAfter(
    wallets: readonly (WalletName & { readonly sequence: bigint })[],
  ): Promise<readonly (readonly BalanceStep[])[]>;
  /** The balance now, and the entry that left it. */
  now(wallet: WalletName): Promise<Pick<SeenBalance, 'sequence' | 'balance'>>;
}

/** Usage-metering's counts. Errors: unavailable, timeout. */
export interface AlertUsage {
  read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey>;
  /** By customer, a text that changes whenever the customer's usage changes; absent: there never was any. */
  versions(accountId: string, customerIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface AlertListQuery extends PageQuery {
  readonly created: CreatedBetween;
  /** Of the customer; or of the subscription and of its plan. */
  readonly of:
    | { readonly customerId: string }
    | {
        readonly subscriptionId: string;
        readonly plan: { readonly id: string; readonly version: number } | null;
      };
}

/** Alerts, read. Deleted ones are not there. Errors: the database's own. */
export interface Alerts {
  read(accountId: string, id: string): Promise<Alert | null>;
  /** Newest first, one more than the limit where there are more. */
  list(query: AlertListQuery): Promise<readonly Alert[]>;
  /** Whether an alert of a plan is silent for a subscription. */
  isSilent(alertId: string, subscriptionId: string): Promise<boolean>;
  seenBalance(wallet: WalletName): Promise<Decimal | null>;
}

export interface AlertTransaction extends Alerts {
  readonly facts: Facts;
  /** As `read`; nobody else changes it until the transaction ends. */
  lock(accountId: string, id: string): Promise<Alert | null>;
  /** How many alerts of a scope are of a type. Whoever else counts the same scope waits. */
  countIn(accountId: string, scope: AlertScope, type: string): Promise<number>;
  /** False: there is one that says the same. */
  insert(alert: Omit<Alert, 'position'>): Promise<boolean>;
  save(alert: Alert): Promise<'saved' | 'duplicate'>;
  delete(alert: Alert, at: Date): Promise<void>;
  /** Of a plan's alert, for one subscription. */
  setSilent(alertId: string, subscriptionId: string, isSilent: boolean): Promise<void>;
  /** Starts to look at a balance, if nobody does. */
  watchBalance(seen: SeenBalance): Promise<void>;
  /** Marks everything that this alert watches to be judged again. */
  judgeAgain(alert: Pick<Alert, 'accountId' | 'scope'>): Promise<void>;
}

/** Subscriptions, customers and plans as alerts need them. Errors: the database's own. */
export interface AlertSubjects {
  subscription(accountId: string, id: string): Promise<Subscription | null>;
  customer(accountId: string, name: CustomerName): Promise<BillingCustomer | null>;
  /** In its default version, or in the one that is asked for. */
  plan(accountId: string, planId: string, version: number | null): Promise<AlertPlan | null>;
  /** As the contract shows it, whole and short. */
  shown(subscription: Subscription, nowMs: number): Promise<{ whole: Fields; short: Fields }>;
}

export interface AlertPlan {
  readonly id: string;
  readonly externalPlanId: string | null;
  readonly name: string;
  readonly version: number;
  readonly metricIds: readonly string[];
}

/** A subscription that has alerts and may have crossed one. */
export interface DueSubscription {
  readonly accountId: string;
  readonly id: string;
  /** The usage and the customers at the last judgement; null: there was none. */
  readonly seenUsage: string | null;
  readonly customerIds: readonly string[] | null;
  /** It changed: it is judged whatever usage says. */
  readonly isDue: boolean;
  /** When it is to be judged again although nothing changes, in account time; null: never. */
  readonly nextMs: number | null;
  /** As it was read: a change after that makes it due again. */
  readonly rowVersion: string;
}

/** How a subscription was seen when it was judged. */
export interface Judged {
  readonly subscription: DueSubscription;
  readonly customerIds: readonly string[];
  readonly usageVersion: string;
  /** When it is to be judged again although nothing changes; null: never. */
  readonly nextMs: number | null;
}

/** Storage of the judges of alerts. Errors: the database's own. */
export interface AlertWatch {
  /** All accounts' when `accountId` is null. */
  subscriptions(accountId: string | null): Promise<readonly DueSubscription[]>;
  /** Enabled alerts of a subscription, with those of its plan that are not silent for it. */
  alertsOf(
    accountId: string,
    subscriptionId: string,
    plan: { readonly id: string; readonly version: number } | null,
  ): Promise<readonly Alert[]>;
  balances(accountId: string | null): Promise<readonly SeenBalance[]>;
  balanceAlertsOf(wallet: SeenBalance): Promise<readonly Alert[]>;
  /** The earliest instant, no later than `untilMs`, at which a subscription is to be judged again. */
  nextDue(accountId: string, untilMs: number): Promise<number | null>;
  run<T>(work: (tx: WatchTransaction) => Promise<T>): Promise<T>;
}

export interface WatchTransaction {
  readonly facts: Facts;
  /** The last report for a group in the period that begins then; null: none. */
  reported(
    alertId: string,
    subscriptionId: string,
    group: string,
    periodMs: number,
  ): Promise<Decimal | null>;
  report(
    alertId: string,
    subscriptionId: string,
    group: string,
    periodMs: number,
    threshold: string,
  ): Promise<void>;
  /** False: somebody else has judged it meanwhile. */
  lockSubscription(subscription: DueSubscription): Promise<boolean>;
  judged(judged: Judged): Promise<void>;
  /** False: somebody else has looked further meanwhile. */
  advance(seen: SeenBalance, to: Pick<SeenBalance, 'sequence' | 'balance'>): Promise<boolean>;
}
