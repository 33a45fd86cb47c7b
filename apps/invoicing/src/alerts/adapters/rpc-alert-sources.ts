import {
  BALANCE_STEPS,
  METERED,
  rpcClient,
  USAGE_CUSTOMERS_MAX,
  type BalanceStepView,
  type Client,
  type Transport,
} from '@orbit/contracts';
import { decimal } from '@orbit/pricing';
import type { UsageAsk, UsageByKey } from '../../billing/domain/subscription.js';
import type {
  AlertUsage,
  Balances,
  BalanceStep,
  SeenBalance,
  WalletName,
} from '../application/ports.js';

/** Balances as wallet-ledger books them. Errors: unavailable, timeout. */
export class RpcBalances implements Balances {
  private readonly steps: Client<typeof BALANCE_STEPS>;

  constructor(ledger: Transport) {
    this.steps = rpcClient(BALANCE_STEPS, ledger);
  }

  async stepsAfter(
    wallets: readonly (WalletName & { readonly sequence: bigint })[],
  ): Promise<readonly (readonly BookedStep[])[]> {
    const asked = wallets.map(({ customerId, currency, sequence }) => ({
      ...{ organization_id: customerId, currency, after_sequence: String(sequence) },
    }));
    const found = await this.steps.after({ wallets: asked });
    return found.map(({ steps }) => steps.map(stepFrom));
  }

  async now({
    customerId,
    currency,
  }: WalletName): Promise<Pick<SeenBalance, 'sequence' | 'balance'>> {
    const question = { organization_id: customerId, currency };
    return stepFrom(await this.steps.last(question));
  }
}

/** A step, and whether it was spent. */
export interface BookedStep extends BalanceStep {
  readonly isSpending: boolean;
}

const stepFrom = (step: BalanceStepView): BookedStep => ({
  sequence: BigInt(step.sequence),
  balance: decimal(step.balance),
  bookedAtMs: Date.parse(step.booked_at),
  isSpending: step.is_spending,
});

/** Usage as usage-metering counts it. Errors: unavailable, timeout. */
export class RpcAlertUsage implements AlertUsage {
  private readonly metering: Client<typeof METERED>;

  constructor(
    transport: Transport,
    private readonly source: {
      read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey>;
    },
  ) {
    this.metering = rpcClient(METERED, transport);
  }

  read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey> {
    return this.source.read(accountId, asks);
  }

  async versions(
    accountId: string,
    customerIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const versions = new Map<string, string>();
    for (let from = 0; from < customerIds.length; from += USAGE_CUSTOMERS_MAX) {
      const read = await this.metering.versions({
        account_id: accountId,
        customer_ids: customerIds.slice(from, from + USAGE_CUSTOMERS_MAX),
      });
      for (const [id, version] of Object.entries(read)) versions.set(id, version);
    }
    return versions;
  }
}
