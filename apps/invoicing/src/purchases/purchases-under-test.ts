import {
  BALANCE_STEPS_RPC,
  CREDIT_DRAWS_RPC,
  CREDIT_SALES_RPC,
  orbPattern,
  type OrbAnswer,
  type OrbCall,
} from '@orbit/contracts';
import { findOperation, responseFaults } from '@orbit/orb-api';
import { BalanceStepsController } from '../../../wallet-ledger/src/credits/adapters/balance-steps.controller.js';
import { CreditDrawsController } from '../../../wallet-ledger/src/credits/adapters/credit-draws.controller.js';
import { CreditSalesController } from '../../../wallet-ledger/src/credits/adapters/credit-sales.controller.js';
import { PostgresBalanceSteps } from '../../../wallet-ledger/src/credits/adapters/postgres-balance-steps.js';
import { ReadBalanceSteps } from '../../../wallet-ledger/src/credits/application/read-balance-steps.js';
import {
  CreditsUnderTest,
  type CustomerUnderTest,
} from '../../../wallet-ledger/src/credits/credits-under-test.js';
import { AccrualsFeature } from '../accruals/accruals.module.js';
import { RpcBalances } from '../alerts/adapters/rpc-alert-sources.js';
import { billingUnderTest, type BillingUnderTest, type Shown } from '../billing/billing-fixture.js';
import { RpcCreditLedger } from '../draws/adapters/rpc-credit-ledger.js';
import { RpcCreditSales } from './adapters/rpc-credit-sales.js';
import { PurchasesController } from './adapters/purchases.controller.js';
import { PurchasesFeature } from './purchases.module.js';

type Fields = Record<string, unknown>;
type Call = <T>(pattern: string, request: unknown) => Promise<T>;
const ACCOUNT = { id: 'acct_a', mode: 'test', default_currency: 'USD', timezone: 'UTC' } as const;

/** One customer in both services. */
export interface Buyer {
  readonly books: CustomerUnderTest;
  readonly customer: NonNullable<OrbCall['customer']>;
  readonly id: string;
}

/** Billing and the ledger, each on a database of its own; between them the ledger's controllers, through JSON. */
export class PurchasesUnderTest {
  /** Counts down to the effect at which everything stops; below 0: never. */
  dies = -1;
  room!: BillingUnderTest;
  bought!: PurchasesFeature;
  accruals!: AccrualsFeature;

  private constructor(readonly ledger: CreditsUnderTest) {}

  static async start(startMs: number): Promise<PurchasesUnderTest> {
    const rooms = new PurchasesUnderTest(await CreditsUnderTest.start());
    await rooms.open(startMs);
    return rooms;
  }

  /** What the books say against; nothing, when they are right. */
  async stop(): Promise<unknown> {
    await this.room.drop();
    return this.ledger.stop();
  }

  set nowMs(ms: number) {
    this.room.time.nowMs = this.ledger.nowMs = ms;
  }

  async buyer(timezone = 'UTC', currency: string | null = 'USD'): Promise<Buyer> {
    const books = this.ledger.customer(timezone, currency);
    await this.room.customer(books.id, { timezone, currency });
    const profile = { timezone, currency };
    const customer = { id: books.id, external_customer_id: `ext-${books.id}`, profile };
    return { books, customer, id: books.id };
  }

  send(operation: string, given: Partial<OrbCall>): Promise<OrbAnswer> {
    const full = { path: {}, query: {}, body: {}, customer: null, idempotency: null, ...given };
    const uses = this.bought.providers.map((one) => (one as { useValue: object }).useValue);
    const controller = new PurchasesController(...(uses as [never, never, never]));
    for (const name of Object.getOwnPropertyNames(PurchasesController.prototype)) {
      const handler = (controller as unknown as Fields)[name] as (
        of: OrbCall,
      ) => Promise<OrbAnswer>;
      const patterns = (Reflect.getMetadata('microservices:pattern', handler) ?? []) as string[];
      if (patterns.includes(orbPattern(operation))) {
        return handler.call(controller, { account: ACCOUNT, ...full });
      }
    }
    throw new Error(`${operation} has no controller`);
  }

  /** As `send`; what it says, after it was checked against the document. */
  async ask(id: string, given: Partial<OrbCall>): Promise<Shown> {
    return read(id, await this.send(id, given));
  }

  private die(): void {
    if (this.dies >= 0 && this.dies-- === 0) throw new Error('killed');
  }

  private async open(startMs: number): Promise<void> {
    const { ledger } = this;
    const methods = methodsOf(ledger);
    const call: Call = async <T>(pattern: string, request: unknown) => {
      this.die();
      const answer = await methods[pattern]?.(JSON.parse(JSON.stringify(request)) as never);
      this.die();
      return JSON.parse(JSON.stringify(answer)) as T;
    };
    const credits = new RpcCreditLedger({ call });
    this.room = await billingUnderTest(startMs, credits);
    const { prisma, billing, time, events } = this.room;
    this.accruals = new AccrualsFeature({
      ...{ prisma, reads: billing.reads, plans: billing.drafts, ledger: credits },
      accountClock: { nowMs: () => Promise.resolve(time.nowMs) },
      usageVersions: {
        versions: (_account, ids) =>
          Promise.resolve(new Map(ids.map((id) => [id, String(events.get(id)?.length ?? 0)]))),
      },
    });
    const transaction = prisma.$transaction.bind(prisma) as (...of: unknown[]) => unknown;
    Object.defineProperty(prisma, '$transaction', {
      value: async (...of: unknown[]) => {
        this.die();
        const done = await transaction(...of);
        this.die();
        return done;
      },
    });
    this.bought = new PurchasesFeature({
      ...{ prisma, clock: { nowMs: () => Date.now() } },
      accountClock: { nowMs: () => Promise.resolve(time.nowMs) },
      ...{ ledger: new RpcCreditSales({ call }), balances: new RpcBalances({ call }) },
      transactionOf: billing.transactionOf,
      logger: { info: () => undefined, warn: () => undefined },
    });
    billing.followers.add((of, invoiceId) => this.bought.follow.ofInvoice(of, invoiceId));
    await prisma.$executeRaw`
      INSERT INTO invoicing.webhook_endpoint
        (id, account_id, url, secret, payload_style, is_enabled, may_be_private, created_at)
      VALUES ('we_1', 'acct_a', 'http://127.0.0.1:1', 'whsec_c2Vj', 'expanded', true, true, now())`;
  }
}

/** What an answer says, after it was checked against the document. */
export function read(id: string, { status, body: text }: OrbAnswer): Shown {
  const body = JSON.parse(text ?? 'null') as Shown;
  const operation = findOperation(id);
  expect({ status, body }).toMatchObject({ status: operation?.successStatus });
  if (operation && text) expect(responseFaults(operation, body)).toEqual([]);
  return body;
}

/** What the ledger answers, by pattern. */
function methodsOf({
  services,
  pool,
}: CreditsUnderTest): Readonly<Record<string, (request: never) => unknown>> {
  const sales = new CreditSalesController(services.sales);
  const draws = new CreditDrawsController(services.draws, services.pending);
  const steps = new BalanceStepsController(new ReadBalanceSteps(new PostgresBalanceSteps(pool)));
  return {
    ...{ [CREDIT_SALES_RPC.open]: (one: never) => sales.open(one) },
    ...{ [CREDIT_SALES_RPC.grant]: (one: never) => sales.grant(one) },
    ...{ [CREDIT_SALES_RPC.cancel]: (one: never) => sales.cancel(one) },
    ...{ [CREDIT_DRAWS_RPC.held]: (one: never) => draws.held(one) },
    ...{ [CREDIT_DRAWS_RPC.draw]: (one: never) => draws.draw(one) },
    ...{ [CREDIT_DRAWS_RPC.accrue]: (one: never) => draws.accrue(one) },
    ...{ [CREDIT_DRAWS_RPC.holders]: (one: never) => draws.holders(one) },
    ...{ [CREDIT_DRAWS_RPC.preview]: (one: never) => draws.preview(one) },
    ...{ [CREDIT_DRAWS_RPC.giveBack]: (one: never) => draws.giveBack(one) },
    ...{ [BALANCE_STEPS_RPC.after]: (one: never) => steps.after(one) },
    ...{ [BALANCE_STEPS_RPC.last]: (one: never) => steps.last(one) },
    ...{ [orbPattern('fetch-credit-block')]: (one: never) => services.blocks.fetch(one) },
  };
}
