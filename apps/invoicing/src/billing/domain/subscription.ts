import type { Listed, Metadata } from '@orbit/orb-api';
import type { Usage } from '@orbit/pricing';
import type { PlannedPhase } from '../../timeline/domain/phases.js';
import type { ContractAdjustment, ContractPrice } from '../../timeline/domain/terms.js';
import type { ReportedMoments } from '../../timeline/domain/moments.js';
import type { PlanContent } from '../../timeline/domain/new-timeline.js';
import type { Span, Timeline } from '../../timeline/domain/timeline.js';

type Fields = Readonly<Record<string, unknown>>;

/** Settings of a subscription that have no dates; as the contract names them. */
export interface SubscriptionSettings {
  readonly auto_collection: boolean | null;
  readonly auto_issuance: boolean | null;
  readonly net_terms: number;
  readonly default_invoice_memo: string | null;
  readonly invoicing_threshold: string | null;
}

/** A subscription that is billed here. */
export interface Subscription extends Listed {
  readonly id: string;
  readonly accountId: string;
  readonly customerId: string;
  readonly name: string;
  readonly metadata: Metadata;
  readonly settings: SubscriptionSettings;
  readonly timeline: Timeline;
  /** Of its life, to receivers of webhooks; null or absent: nothing yet. */
  readonly reported?: ReportedMoments | null;
  /** Of types to which one of its prices allocates; absent: there are none. */
  readonly licenses?: readonly LicenseSpan[];
}

/** The time in which a license counts. */
export interface LicenseSpan extends Span {
  readonly id: string;
  readonly typeId: string;
  readonly externalId: string;
}

/** A customer, as far as billing needs it. */
export interface BillingCustomer {
  readonly id: string;
  readonly externalCustomerId: string | null;
  readonly timezone: string;
  readonly currency: string | null;
  readonly autoCollection: boolean;
  readonly autoIssuance: boolean | null;
  readonly details: Fields;
  /** As the contract shows it. */
  readonly view: Fields;
}

/** A version of a plan, ready to be subscribed to. */
export interface SubscribablePlan {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly status: 'active' | 'archived' | 'draft';
  readonly invoicingCurrency: string;
  readonly netTerms: number | null;
  readonly defaultInvoiceMemo: string | null;
  readonly trialDays: number | null;
  readonly phases: readonly PlannedPhase[] | null;
  readonly prices: readonly ContractPrice[];
  /** By price, where it counts a part of its metric's events. */
  readonly filters?: Readonly<Record<string, string>>;
  readonly adjustments: readonly ContractAdjustment[];
  /** By price, what it gives each license. */
  readonly licenseAllocations?: PlanContent['licenseAllocations'];
}

/** A charge's question to usage-metering. */
export interface UsageAsk {
  /** Of the charge. */
  readonly key: string;
  readonly intervalId: string;
  readonly customerIds: readonly string[];
  readonly metricId: string;
  readonly filter: string | null;
  readonly dimensions: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  /** It says of usage which of these licenses it is of; `property` of events names the license. */
  readonly licenses?: { readonly property: string; readonly spans: readonly LicenseSpan[] };
}

export type UsageByKey = ReadonlyMap<string, Usage>;
