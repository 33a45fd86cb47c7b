import { expect } from '@jest/globals';
import { eventually } from '@orbit/testing';
import { BillingClient } from './client.js';
import { ContractClient, type Given, type Got } from './contract-client.js';
import type { RunningStack } from './stack.js';

type Fields = Readonly<Record<string, unknown>>;

const DAY_MS = 86_400_000;
export const instant = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();
export const day = (days: number): string => instant(days).slice(0, 10);

export const externalIdOf = (customer: Got): string => String(customer['external_customer_id']);
export const ofSubscription = ({ id }: Got, body?: unknown): Given => ({
  path: { subscription_id: id },
  ...(body === undefined ? {} : { body }),
});

/** A test account of its own on a stack, with an item, a metric, and a plan of a fee and of usage. */
export class ContractAccount extends ContractClient {
  private customers = 0;
  private constructor(
    private readonly stack: RunningStack,
    private readonly operator: BillingClient,
    apiKey: string,
    readonly item: Got,
    readonly metric: Got,
  ) {
    super(stack.gatewayUrl, apiKey);
  }

  static async on(stack: RunningStack, operator: BillingClient): Promise<ContractAccount> {
    const at = `${stack.gatewayUrl}/api/v1/operator/accounts`;
    const account = { name: 'Contract', mode: 'test' };
    const { api_key } = (await operator.post<{ api_key: string }>(at, account)).data;
    const first = new ContractClient(stack.gatewayUrl, api_key);
    const item = await first.ask('create-item', { body: { name: 'Calls' } });
    const counted = { item_id: item.id, sql: 'SELECT SUM(calls) FROM events' };
    const body = { name: 'Calls', description: 'Calls made', ...counted };
    const metric = await first.ask('create-metric', { body });
    const made = new ContractAccount(stack, operator, api_key, item, metric);
    for (const id of first.seen) made.seen.add(id);
    return made;
  }

  async list(operationId: string, given?: Given): Promise<readonly Got[]> {
    return (await this.ask(operationId, given))['data'] as readonly Got[];
  }

  unit(amount: string, more: Fields = {}): Fields {
    return {
      ...{ name: 'Fee', item_id: this.item.id, cadence: 'monthly', currency: 'USD' },
      ...{ model_type: 'unit', unit_config: { unit_amount: amount }, ...more },
    };
  }

  fee(more: Fields = {}): Fields {
    return this.unit('20.00', { fixed_price_quantity: 2, billed_in_advance: true, ...more });
  }

  usage(more: Fields = {}): Fields {
    return this.unit('0.50', { name: 'Calls', billable_metric_id: this.metric.id, ...more });
  }

  plan(external_plan_id: string, prices: readonly unknown[], more: Fields = {}): Promise<Got> {
    const named = { name: external_plan_id, external_plan_id };
    return this.ask('create-plan', { body: { ...named, currency: 'USD', prices, ...more } });
  }

  customer(): Promise<Got> {
    this.customers += 1;
    const external_customer_id = `contract ${String(this.customers)}`;
    const body = { name: 'Walker', email: 'walker@b.test', external_customer_id, currency: 'USD' };
    return this.ask('create-customer', { body });
  }

  async subscribe(plan_id: string, more: Fields = {}): Promise<Got> {
    const { id: customer_id } = await this.customer();
    const body = { customer_id, plan_id, start_date: instant(-2), ...more };
    return this.ask('create-subscription', { body });
  }

  /** By the Orbit API, as a person saves one on the hosted page: Orb has no operation for it. */
  async saveCard(customerId: string): Promise<void> {
    const { gatewayUrl } = this.stack;
    const keys = `${gatewayUrl}/api/v1/operator/organizations/${customerId}/api-keys`;
    const { data } = await this.operator.post<{ key: string }>(keys, { mode: 'test' });
    const billing = new BillingClient(gatewayUrl, data.key);
    const back = `${gatewayUrl}/health/live`;
    const urls = { successUrl: back, cancelUrl: back };
    const setup = await billing.post<{ url: string }>('/payment-methods/setup', urls);
    const card = { card_number: '4242424242424242', exp: '12 / 40', cvc: '123', action: 'pay' };
    const form = new URLSearchParams({ ...card, name: 'Walker', email: 'walker@b.test' });
    const headers = { accept: 'application/json' };
    await fetch(setup.data.url, { method: 'POST', headers, body: form });
    await eventually(async () => {
      const saved = await billing.get<readonly unknown[]>('/payment-methods');
      expect(saved.data).toHaveLength(1);
    });
  }
}
