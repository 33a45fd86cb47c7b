import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { onRealTime } from '@orbit/kernel';
import type { Currency } from '@orbit/money';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { createTestDatabase, uniqueId, type TestDatabase } from '@orbit/testing';
import pg from 'pg';
import { PostgresBlockReader } from '../blocks/adapters/postgres-block-reader.js';
import { auditLedger, type AuditFinding } from '../books/adapters/ledger-audit.js';
import { PostgresLedgerStore } from '../books/adapters/postgres-ledger-store.js';
import { ChangeWallet } from '../books/application/change-wallet.js';
import type { LedgerCommand } from '../books/application/commands.js';
import { PostBatch } from '../books/application/post-batch.js';
import type { ClaimResult, ClaimRequest, HotBalancesPort } from '../books/application/ports.js';
import { usd } from '../books/domain/draft-fixture.js';
import { noLoads } from '../hot-balances/trusting-loads.fake.js';
import { LEDGER_RULES } from '../ledger-rules.js';
import { PostgresWalletReader } from '../wallets/adapters/postgres-wallet-reader.js';
import { creditServices, type CreditServices } from './credits.module.js';

type Row = Readonly<Record<string, unknown>>;
/** A block or a row of the credit ledger, as it was answered. */
export interface Shown extends Row {
  readonly id: string;
  readonly credit_block: { readonly id: string; readonly expiry_date: string | null };
}
interface Page {
  readonly data: readonly Shown[];
  readonly pagination_metadata: { readonly has_more: boolean; readonly next_cursor: string | null };
}

/** The ledger with its credits on a real PostgreSQL, as the gateway calls it. Redis has room for what is posted and not held. */
export class CreditsUnderTest {
  nowMs = Date.parse('2026-05-16T12:00:00.000Z');
  /** What open authorizations hold, of every wallet. */
  heldMicros = 0n;
  readonly changeWallet: ChangeWallet;
  readonly postBatch: PostBatch;
  readonly services: CreditServices;

  private constructor(
    private readonly database: TestDatabase,
    readonly pool: pg.Pool,
  ) {
    const clock = { nowMs: () => this.nowMs };
    const none = { publish: () => Promise.resolve(), send: () => Promise.resolve() };
    const hot: HotBalancesPort = {
      claim: (requests) => Promise.resolve(requests.map((request) => this.grant(request))),
      confirm: () => Promise.resolve(),
    };
    const store = new PostgresLedgerStore(pool);
    this.postBatch = new PostBatch(store, hot, none, none, clock, LEDGER_RULES);
    const reader = new PostgresWalletReader(pool);
    this.changeWallet = new ChangeWallet(this.postBatch, reader, noLoads, clock);
    this.services = creditServices(
      pool,
      this.changeWallet,
      new PostgresBlockReader(pool),
      clock,
      onRealTime(clock),
    );
  }

  static async start(): Promise<CreditsUnderTest> {
    const database = await createTestDatabase();
    const connectionString = database.urlFor('orbit_wallet_ledger');
    return new CreditsUnderTest(database, new pg.Pool({ connectionString, max: 8 }));
  }

  /** What the books say against; nothing, when they are right. */
  async stop(): Promise<AuditFinding[]> {
    const findings = await auditLedger(this.pool);
    await this.pool.end();
    await this.database.drop();
    return findings.filter(({ violations }) => violations > 0);
  }

  customer(timezone = 'UTC', currency: string | null = null): CustomerUnderTest {
    return new CustomerUnderTest(this, uniqueId('org'), { timezone, currency });
  }

  private grant({ wallet, charges }: ClaimRequest): ClaimResult {
    let left: bigint =
      wallet.postedMicros + wallet.overdraftMicros - wallet.escrowedMicros - this.heldMicros;
    const granted = charges.filter(({ amountMicros }) => {
      if (amountMicros > left) return false;
      left -= amountMicros;
      return true;
    });
    return { granted: new Set(granted.map(({ chargeId }) => chargeId)), held: new Set() };
  }
}

/** One customer; every answer that succeeds is checked against the document. */
export class CustomerUnderTest {
  constructor(
    private readonly ledger: CreditsUnderTest,
    readonly id: string,
    private readonly profile: { readonly timezone: string; readonly currency: string | null },
  ) {}

  callOf(call: Partial<OrbCall>): OrbCall {
    return {
      account: { id: 'acct_a', mode: 'test', default_currency: 'USD', timezone: 'UTC' },
      customer: { id: this.id, external_customer_id: 'ext', profile: this.profile },
      ...{ path: {}, query: {}, body: {}, idempotency: null },
      ...call,
    };
  }

  post(body: Row, key?: string, hash = JSON.stringify(body)): Promise<OrbAnswer> {
    const idempotency = key === undefined ? null : { key, request_hash: hash };
    return this.ledger.services.entries.create(this.callOf({ body, idempotency }));
  }

  async entry(body: Row): Promise<Shown> {
    return read('create-ledger-entry', await this.post(body)) as unknown as Shown;
  }

  async blocks(query: OrbCall['query'] = {}): Promise<readonly Shown[]> {
    const answer = await this.ledger.services.credits.listBlocks(this.callOf({ query }));
    return (read('fetch-customer-credits', answer) as unknown as Page).data;
  }

  async page(query: OrbCall['query'] = {}): Promise<Page> {
    const answer = await this.ledger.services.credits.listLedger(this.callOf({ query }));
    return read('fetch-customer-credits-ledger', answer) as unknown as Page;
  }

  /** "increment 100: 0 → 100", newest first. */
  async ledgerLines(query: OrbCall['query'] = {}): Promise<readonly string[]> {
    const { data } = await this.page({ limit: 1_000, ...query });
    return data.map(
      (row) =>
        `${String(row['entry_type'])} ${String(row['amount'])}: ${String(row['starting_balance'])} → ${String(row['ending_balance'])}`,
    );
  }

  /** A charge of the Orbit API on the same wallet. */
  async charge(chargeId: string, amount: string, channel = 'sms', unit = 'credits'): Promise<void> {
    const command: LedgerCommand = {
      kind: 'charge',
      key: { organizationId: this.id, currency: unit as Currency },
      replyTo: null,
      charge: {
        ...{ chargeId, amountMicros: usd(amount), channel, quantity: 1, metadata: {} },
        ...{ occurredAtMs: this.ledger.nowMs, isAuthorized: true, leaseId: null },
      },
    };
    await this.ledger.postBatch.run([command], `test ${chargeId}`);
  }
}

/** What an answer says, after it was checked against the document. */
export function read(operationId: string, answer: OrbAnswer): Row {
  const body = JSON.parse(answer.body ?? 'null') as Row;
  const operation = findOperation(operationId);
  if (!operation || answer.status !== operation.successStatus) {
    throw new Error(`${operationId}: ${answer.status} ${answer.body}`);
  }
  const faults = responseFaults(operation, body);
  if (faults.length > 0) throw new Error(`${operationId}: ${faults.join('; ')}`);
  return body;
}

/** "400 constraint-violation: …" */
export function refusalOf({ status, body }: OrbAnswer): string {
  const { type = '', detail } = JSON.parse(body ?? '{}') as { type?: string; detail?: string };
  return `${status} ${type.split('#')[1]?.slice(4)}: ${detail}`;
}
