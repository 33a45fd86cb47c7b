import { FakeCustomerPages } from './portal/customer-pages.fake.js';
import type {
  ChargeOutcomeView,
  RateCardView,
  TaxRateView,
  TransactionView,
  WalletView,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { micros } from '@orbit/money';
import { createLogger } from '@orbit/runtime';
import type { ChargeState } from '@orbit/spend';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ApiKey, Organization, Principal, Spender } from './edge/ports.js';
import type { Clients } from './edge/rpc/clients.js';
import type { WrongKeyReport } from './edge/keys/wrong-keys.js';
import { FakeAudit } from './edge/audit/audit.fake.js';
import { KEY_SCOPES } from './edge/keys/scopes.js';
import { FakeOrganizationKeys } from './organizations/keys/organization-keys.fake.js';
import { FakeOperators, OPERATOR_KEY } from './organizations/operators/operators.fake.js';
import { FakeLeases } from './leases.fake.js';
import { FakeOrb } from './orb/orb.fake.js';
import { FakePayments } from './payments.fake.js';
import { FakePlans } from './plans.fake.js';
import { FakeRefunds } from './refunds.fake.js';
import { FakeProofs } from './proofs.fake.js';
import { apiKeyPrefix, type KeyMode } from './organizations/api-key.js';
import { readUnit } from './edge/requests/wallet-unit.js';
import { GatewayModule, type GatewayPorts } from './gateway.module.js';
import { createHttpApp, type HttpAppOptions } from './edge/http/http-app.js';
import { HmacKeyHasher } from './organizations/hmac-key-hasher.js';

export { OPERATOR_KEY };
export const NOW_MS = Date.parse('2026-05-16T12:00:00.000Z');
export const clock: Clock = { nowMs: () => NOW_MS };

/** What operators ask of the ledger, under the name by which tests write it down. */
const OPERATOR_CALLS = [
  ['corrections', 'readPolicies', 'readPolicies'],
  ['corrections', 'configure', 'configure'],
  ['corrections', 'adjust', 'adjust'],
  ['corrections', 'reverse', 'reverse'],
  ['blocks', 'grant', 'grant'],
  ['blocks', 'list', 'listBlocks'],
  ['blocks', 'extend', 'extendBlock'],
  ['blocks', 'void', 'voidBlock'],
  ['blocks', 'amend', 'amendBlock'],
  ['grantSchedules', 'create', 'createSchedule'],
  ['grantSchedules', 'list', 'listSchedules'],
  ['grantSchedules', 'cancel', 'cancelSchedule'],
  ['webhooks', 'create', 'webhooks.create'],
  ['webhooks', 'list', 'webhooks.list'],
  ['webhooks', 'read', 'webhooks.read'],
  ['webhooks', 'change', 'webhooks.change'],
  ['webhooks', 'delete', 'webhooks.delete'],
  ['webhooks', 'deliveries', 'webhooks.deliveries'],
  ['webhooks', 'delivery', 'webhooks.delivery'],
  ['webhooks', 'resend', 'webhooks.resend'],
] as const;

/** Ports in memory: what one HTTP request does, without a server. */
export class FakeWorld {
  taxRates: readonly TaxRateView[] = [];
  rateCard: RateCardView | null = null;
  readonly hasher = new HmacKeyHasher('secret-of-the-tests-0123456789');
  readonly organizations = new Map<string, Organization>();
  readonly keys = new Map<string, ApiKey & { isRevoked: boolean }>();
  readonly operators = new FakeOperators();
  readonly audit = new FakeAudit();
  readonly wallets = new Map<string, WalletView>();
  readonly published: unknown[] = [];
  readonly calls: { name: string; payload: unknown }[] = [];
  readonly orb = new FakeOrb(this.hasher);
  readonly customerPages = new FakeCustomerPages();
  readonly payments = new FakePayments(this.calls);
  readonly plans = new FakePlans(this.calls);
  readonly refunds = new FakeRefunds(this.calls);
  /** What the ledger shows as transactions. */
  transactions: readonly TransactionView[] = [];
  isAllowed = true;
  /** Wrong keys, as they are reported. */
  readonly wrongKeys: Parameters<WrongKeyReport>[0][] = [];
  /** What the shared count of wrong keys answers. */
  wrongKeysElsewhere: number | null = null;
  /** Questions of whose a key is. */
  lookUps = 0;
  charge: Spender['charge'] = (intent) =>
    Promise.resolve({
      status: 'charged',
      authorizationId: `auth_${intent.chargeId}`,
      chargeId: intent.chargeId,
      amountMicros: intent.amountMicros,
      availableAfterMicros: micros(99_992_500n),
      replayed: false,
    });
  posted: ChargeOutcomeView | null = null;
  readonly proofs = new FakeProofs();
  /** What Redis knows of any charge, by organization. */
  readonly chargeStates = new Map<string, ChargeState>();
  /** What the ledger answers to operators, by method. */
  readonly operations: Partial<Record<(typeof OPERATOR_CALLS)[number][2], unknown>> = {};

  addOrganization(id: string, unit = 'USD'): string {
    const currency = readUnit(unit);
    const createdAt = new Date(NOW_MS);
    this.organizations.set(id, { id, name: id, currency, accountId: 'acct_live', createdAt });
    this.wallets.set(id, walletView(id, currency));
    return this.addKey(id, 'live');
  }

  addKey(
    organizationId: string,
    mode: KeyMode,
    key = this.hasher.create(apiKeyPrefix(mode)),
  ): string {
    const id = mode === 'live' ? `ak_${organizationId}` : `ak_${organizationId}_${mode}`;
    this.keys.set(id, {
      id,
      organizationId,
      mode,
      keyHash: this.hasher.hash(key),
      lastFour: key.slice(-4),
      createdAt: new Date(NOW_MS),
      hasCheck: this.hasher.standing(key) === 'checked',
      ...{ name: null, scopes: KEY_SCOPES, expiresAt: null, createdBy: null },
      isRevoked: false,
    });
    return key;
  }

  ports(): GatewayPorts {
    return {
      clock,
      hasher: this.hasher,
      sharedWrongKeys: { count: async () => this.wrongKeysElsewhere },
      reportWrongKey: (fact) => void this.wrongKeys.push(fact),
      publicUrl: 'http://orbit.test',
      bookingWaitMs: 100,
      readiness: { reasons: () => Promise.resolve([]) },
      organizations: {
        save: async (organization, key) => {
          this.organizations.set(organization.id, organization);
          this.keys.set(key.id, { ...key, isRevoked: false });
        },
        read: async (id) => this.organizations.get(id) ?? null,
        list: async (limit) => [...this.organizations.values()].reverse().slice(0, limit),
        saveKey: async (key) => void this.keys.set(key.id, { ...key, isRevoked: false }),
        findByKeyHash: async (hash) => {
          this.lookUps += 1;
          return this.principalOf(hash);
        },
        uncheckedHashes: async () =>
          [...this.keys.values()].filter(({ hasCheck }) => !hasCheck).map(({ keyHash }) => keyHash),
        revokeKey: async (id) => {
          const key = this.keys.get(id);
          if (key) key.isRevoked = true;
          return key?.keyHash ?? null;
        },
      },
      gate: {
        admit: async () => ({
          cached: 'absent',
          rate: {
            isAllowed: this.isAllowed,
            limit: 4000,
            remaining: this.isAllowed ? 3999 : 0,
            retryAfterMs: 1200,
            resetMs: 2000,
          },
        }),
        remember: async () => undefined,
        bar: async () => undefined,
      },
      organizationKeys: new FakeOrganizationKeys(this.keys),
      ...this.operators.ports(),
      audit: this.audit,
      reportLostUse: () => undefined,
      ...this.orb.ports(),
      hot: {
        read: async () => ({
          postedMicros: micros(100_007_500n),
          escrowedMicros: micros(0n),
          heldMicros: micros(1_000_000n),
          version: 1n,
          validUntilMs: null,
        }),
      },
      spender: {
        charge: (intent, options) => this.charge(intent, options),
        authorize: async (intent) => ({
          status: 'authorized',
          authorizationId: `auth_${intent.chargeId}`,
          chargeId: intent.chargeId,
          amountMicros: intent.amountMicros,
          availableAfterMicros: micros(99_992_500n),
          expiresAtMs: NOW_MS + intent.ttlMs,
          replayed: false,
        }),
        capture: async () => ({ status: 'not_found' }),
        release: async () => ({ status: 'not_found' }),
      },
      authorizationIdOf: ({ chargeId }) => `auth_${chargeId}`,
      replies: {
        open: () => ({
          replyTo: 'reply',
          wait: async () => this.posted,
          close: () => undefined,
        }),
      },
      deliveryReports: { publish: async (reports) => void this.published.push(...reports) },
      clients: {
        ...this.recordedOperations(),
        leases: new FakeLeases(this.calls),
        usageIngest: this.orb.usageIngest(),
        topUps: this.payments.topUps,
        ...this.customerPages.clients(this.payments.paymentMethods),
        taxRates: {
          read: async () => ({ tax_rates: this.taxRates }),
          put: async ({ tax_rates }) => ({ tax_rates: (this.taxRates = tax_rates) }),
        },
        autoReload: this.payments.autoReload,
        stripeWebhooks: this.payments.stripeWebhooks,
        invoices: {
          list: async () => ({ invoices: [], has_more: false, total: 0 }),
          pdf: async ({ organization_id, invoice_id }) =>
            organization_id === 'org_a' && invoice_id === 'inv_1'
              ? { filename: 'INV-2026-001.pdf', content_base64: btoa('%PDF-1.7') }
              : null,
          creditNotePdf: async ({ organization_id, credit_note_id }) =>
            organization_id === 'org_a' && credit_note_id === 'cn_1'
              ? { filename: 'CN-2026-001.pdf', content_base64: btoa('%PDF-1.7') }
              : null,
        },
        refunds: this.refunds.refunds,
        stripeReconciliation: this.refunds.stripeReconciliation,
        wallets: this.fakeWallets(),
        ...this.proofs.clients(),
        ...this.plans.clients(),
        usage: {
          byChannel: async ({ days }) => {
            this.calls.push({ name: 'usage.by_channel', payload: { days } });
            const counts = { total_messages: 2, delivered: 1, failed: 0 };
            return [{ channel: 'sms', ...counts, total_cost: '0.015' }];
          },
        },
        rateCards: {
          read: async () => this.rateCard,
          put: async ({ prices }) => {
            this.rateCard = {
              version: '0.1',
              prices: prices as never,
              overrides: [],
              next_effective_at: null,
            };
            return {
              version: 1,
              effective_at: new Date(NOW_MS).toISOString(),
              prices: prices as never,
              is_replay: false,
            };
          },
        },
        margin: {
          read: async (query) => {
            this.calls.push({ name: 'margin', payload: query });
            const row = { key: 'ai', currency: 'USD', charges: 1, revenue: '2', cost: '0.5' };
            return { rows: [{ ...row, margin: '1.5' }], next: null };
          },
        },
        transactions: {
          list: async (payload) => {
            this.calls.push({ name: 'transactions.list', payload });
            return { transactions: this.transactions, has_more: false };
          },
        },
      },
      chargeStates: {
        read: async (organizationId) => this.chargeStates.get(organizationId) ?? null,
      },
      planKnowledge: { learn: () => undefined, expectPlan: () => undefined },
    };
  }

  start(options: Partial<HttpAppOptions> = {}): Promise<NestFastifyApplication> {
    return createHttpApp({
      module: GatewayModule.of(this.ports()),
      clock,
      logger: createLogger('gateway', 'silent'),
      bodyBytesMax: 1_048_576,
      isTls: false,
      keepAliveTimeoutMs: 650_000,
      portalOrigins: [],
      hasDocsPage: false,
      ...options,
    });
  }

  private fakeWallets(): Clients['wallets'] {
    return {
      open: async (wallet) => {
        const view = walletView(wallet.organization_id, wallet.currency);
        this.wallets.set(wallet.organization_id, view);
        return view;
      },
      read: async ({ organization_id }) => this.wallets.get(organization_id) ?? null,
      pause: async ({ organization_id, currency, paused }) => ({
        ...walletView(organization_id, currency),
        outbound_paused: paused,
        outbound_block_reason: paused ? 'manual' : null,
      }),
      readCharge: async () => this.posted,
      // Only processes that authorize load wallets, and auto-reload asks for movements.
      load: async () => null,
      movements: async () => null,
    };
  }

  private recordedOperations(): Clients {
    const clients: Record<string, Record<string, (payload: unknown) => Promise<unknown>>> = {};
    for (const [feature, operation, name] of OPERATOR_CALLS) {
      clients[feature] = {
        ...clients[feature],
        [operation]: (payload) => {
          this.calls.push({ name, payload });
          return Promise.resolve(this.operations[name]);
        },
      };
    }
    return clients as unknown as Clients;
  }

  private principalOf(keyHash: string): Principal | null {
    const key = [...this.keys.values()].find((one) => one.keyHash === keyHash && !one.isRevoked);
    const organization = key && this.organizations.get(key.organizationId);
    if (!key || !organization) return null;
    const { id: organizationId, currency } = organization;
    const accountMode = this.orb.accounts.get(organization.accountId)?.mode ?? 'live';
    const expiresAtMs = key.expiresAt?.getTime() ?? null;
    const { id: keyId, mode, scopes } = key;
    return { organizationId, currency, keyId, mode, accountMode, scopes, expiresAtMs };
  }
}

function walletView(organizationId: string, currency: string): WalletView {
  return {
    organization_id: organizationId,
    currency,
    wallet_id: `wal_${organizationId}`,
    balance: '100.0075',
    escrowed: '0.00',
    leases_open: 0,
    leased: '0.00',
    sequence: '1',
    version: '1',
    overdraft_limit: '0.00',
    low_balance_threshold: null,
    outbound_paused: false,
    outbound_block_reason: null,
    last_topped_up_at: null,
    created_at: '2026-05-16T12:00:00.000Z',
  };
}
