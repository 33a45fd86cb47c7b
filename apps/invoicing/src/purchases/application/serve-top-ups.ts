import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { invariant, newId, type AccountClock } from '@orbit/kernel';
import {
  answered,
  invalid,
  noContent,
  NOT_A_CURSOR,
  notFound,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { readTopUp, topUpView } from '../domain/top-up.js';
import type { SaleTransaction, TopUps } from './ports.js';

/** Runs work at once after a change; work that fails then is done by the loops. */
export type Afterwards = (work: () => Promise<unknown>) => Promise<void>;

/** Top-ups of customers. Errors: the database's own. */
export class ServeTopUps {
  constructor(
    private readonly topUps: TopUps,
    private readonly changes: Changes<SaleTransaction>,
    private readonly judge: { run(accountId: string): Promise<number> },
    private readonly follow: { run(id: string): Promise<unknown> },
    private readonly clock: AccountClock,
    private readonly afterwards: Afterwards,
  ) {}

  async list(call: OrbCall): Promise<OrbAnswer> {
    const page = pageQueryOf('list-top-ups', call);
    if (!page) return invalid(NOT_A_CURSOR);
    invariant(call.customer, 'top-ups are a customer’s');
    const found = await this.topUps.list(page, call.customer.id);
    return pageOf('list-top-ups', call, page, found, topUpView);
  }

  /** It takes the place of the one that the customer has in this currency. */
  async create(call: OrbCall): Promise<OrbAnswer> {
    const { account, customer } = call;
    invariant(customer, 'top-ups are a customer’s');
    const nowMs = await this.clock.nowMs(account.id);
    const id = newId('topup', nowMs);
    const answer = await this.changes.run(call, async (tx) => {
      const locked = await tx.customers.lock(account.id, customer.id);
      if (!locked) return refused(notFound('customer', customer.id));
      const topUp = readTopUp(id, call, locked, nowMs);
      if (!topUp.ok) return refused(topUp.refusal);
      await tx.topUps.replace(topUp.value);
      return answered(201, topUpView({ ...topUp.value, position: 0n, seenSequence: null }));
    });
    // A balance that is low already is what it was made for.
    if (answer.status < 300 && answer.is_replay !== true) {
      await this.afterwards(() => this.judge.run(account.id));
    }
    return answer;
  }

  /** Invoices of blocks that wait for their payment become void with it. */
  async delete(call: OrbCall): Promise<OrbAnswer> {
    const { account, customer } = call;
    const id = call.path['top_up_id'] ?? '';
    invariant(customer, 'top-ups are a customer’s');
    const nowMs = await this.clock.nowMs(account.id);
    const voided: string[] = [];
    const answer = await this.changes.run(call, async (tx) => {
      const locked = await tx.customers.lock(account.id, customer.id);
      if (!locked || !(await tx.topUps.end(id, customer.id, nowMs))) {
        return refused(notFound('top-up', id));
      }
      for (const pending of await tx.topUps.listPending(id)) {
        if (pending.invoiceId === null) continue;
        await tx.invoices.void(account.id, pending.invoiceId, nowMs);
        voided.push(pending.id);
      }
      return noContent;
    });
    for (const purchase of voided) await this.afterwards(() => this.follow.run(purchase));
    return answer;
  }
}
