import {
  CLOCK_DRIVER,
  orbPattern,
  rpcClient,
  TEST_CLOCK_OPERATIONS,
  type OrbAccount,
  type OrbAnswer,
  type OrbCall,
} from '@orbit/contracts';
import type { Rpc } from '../edge/rpc/rpc-services.js';
import type { AccountPrincipal } from '../organizations/accounts/account-ports.js';
import type { AccountClocks } from '../organizations/accounts/account-ports.js';
import { refused } from './problems.js';

/** Below /v1, beside the operations of the contract: ours, as Orb's own test mode has no such thing. */
export const TEST_CLOCK_PATH = '/test_clock';

/** Longer than the owner takes to say that the clock is on its way. */
const ADVANCE_TIMEOUT_MS = 58_000;

/** The clocks of accounts, at invoicing. */
export class RpcAccountClocks implements AccountClocks {
  constructor(private readonly invoicing: Rpc) {}

  fetch(call: OrbCall): Promise<OrbAnswer> {
    return this.invoicing.call(orbPattern(TEST_CLOCK_OPERATIONS.fetch), call);
  }

  advance(call: OrbCall): Promise<OrbAnswer> {
    const pattern = orbPattern(TEST_CLOCK_OPERATIONS.advance);
    return this.invoicing.call(pattern, call, ADVANCE_TIMEOUT_MS);
  }

  async stand(accountId: string, nowMs: number): Promise<void> {
    const now = new Date(nowMs).toISOString();
    await rpcClient(CLOCK_DRIVER, this.invoicing).stand({ account_id: accountId, now });
  }
}

/** A request of the test clock's path; null for a method that it does not have. */
export async function answerTestClock(
  clocks: AccountClocks,
  method: string,
  account: AccountPrincipal,
  body: unknown,
): Promise<OrbAnswer | null> {
  const call = { account: accountOf(account), ...NOTHING };
  if (method === 'GET' || method === 'HEAD') return clocks.fetch({ ...call, body: {} });
  if (method !== 'POST') return null;
  // It is read by its owner, whatever it is.
  return clocks.advance({ ...call, body: (body ?? null) as OrbCall['body'] });
}

const NOTHING = { customer: null, path: {}, query: {}, idempotency: null } as const;

const accountOf = ({ id, mode, defaultCurrency, timezone }: AccountPrincipal): OrbAccount => ({
  ...{ id, mode, timezone },
  default_currency: defaultCurrency,
});

export const noSuchMethod = (method: string): OrbAnswer =>
  refused({
    code: 'url_not_found',
    detail: `Nothing answers ${method} here. It takes GET, POST.`,
  });
