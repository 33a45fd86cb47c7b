import type { AllowanceSplit } from '@orbit/allowances';
import type { ChargeIntent } from '@orbit/spend';
import type { Clock } from '@orbit/kernel';
import type { ChargeStates } from './orbit/explain/explain-ports.js';
import type { Clients } from './edge/rpc/clients.js';
import type { PlanKnowledge } from './orbit/charges/spend-allowance.js';
import type {
  DeliveryReports,
  HotReader,
  KeyGate,
  KeyHasher,
  OrganizationStore,
  PostingReplies,
  Spender,
} from './edge/ports.js';
import type { AuditStore } from './edge/audit/audit-entry.js';
import type { SharedWrongKeys, WrongKeyReport } from './edge/keys/wrong-keys.js';
import type { Readiness } from './edge/http/health.controller.js';
import type { AccountTimes, UsageTopic } from './orb/ingest/ingest-ports.js';
import type {
  AccountClocks,
  AccountPrincipal,
  AccountStore,
} from './organizations/accounts/account-ports.js';
import type { OrganizationKeyStore } from './organizations/keys/organization-key.js';
import type {
  OperatorKeyStore,
  OperatorPrincipal,
} from './organizations/operators/operator-key.js';
import type { CustomerDirectory, OrbOwners } from './organizations/customers/customer-ports.js';

/** Every effect that the gateway can have, as adapters; `gateway.resources.ts` makes the real ones. */
export interface GatewayPorts {
  readonly clock: Clock;
  readonly organizations: OrganizationStore;
  readonly gate: KeyGate;
  readonly accounts: AccountStore;
  readonly accountGate: KeyGate<AccountPrincipal>;
  readonly accountClocks: AccountClocks;
  readonly customers: CustomerDirectory;
  readonly orbOwners: OrbOwners;
  readonly accountTimes: AccountTimes;
  readonly usageTopic: UsageTopic;
  readonly organizationKeys: OrganizationKeyStore;
  readonly operatorKeys: OperatorKeyStore;
  readonly operatorGate: KeyGate<OperatorPrincipal>;
  /** OPERATOR_API_KEY: makes the first named key. */
  readonly environmentKey: string;
  readonly audit: AuditStore;
  /** The last use of a key could not be written down. */
  readonly reportLostUse: (keyId: string, error: unknown) => void;
  readonly hasher: KeyHasher;
  readonly sharedWrongKeys: SharedWrongKeys;
  readonly reportWrongKey: WrongKeyReport;
  readonly hot: HotReader;
  readonly spender: Spender;
  /** The id that an authorization of this has. */
  readonly authorizationIdOf: (intent: ChargeIntent, terms: AllowanceSplit | null) => string;
  readonly replies: PostingReplies;
  readonly deliveryReports: DeliveryReports;
  readonly clients: Clients;
  readonly chargeStates: ChargeStates;
  readonly planKnowledge: Pick<PlanKnowledge, 'learn' | 'expectPlan'>;
  readonly readiness: Readiness;
  readonly publicUrl: string;
  /** How long a top-up waits for its booking, in milliseconds; BOOKING_WAIT_MS unless given. */
  readonly bookingWaitMs?: number;
}
