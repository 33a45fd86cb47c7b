import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId, type AccountClock, type Clock } from '@orbit/kernel';
import { answered, notFound, refused, type Changes } from '@orbit/orb-api';
import { Faults } from '../../catalogue/domain/faults.js';
import { termsOf } from '../../timeline/domain/terms.js';
import { isBalanceAlert, type Alert, type AlertScope, type AlertTerms } from '../domain/alert.js';
import { toAlert } from '../domain/alert-view.js';
import { readNewAlert } from '../domain/read-alert.js';
import type { AlertNaming } from './alert-names.js';
import type { AlertSubjects, AlertTransaction, Balances, SeenBalance } from './ports.js';

/** The contract's limit of spend alerts in one scope. */
const SPEND_ALERTS_MAX = 50;

/** Where an alert is made, or why it is not. */
type Placed =
  | {
      readonly scope: AlertScope;
      readonly terms: AlertTerms;
      /** Of a credit alert: what was left when it was made. */
      readonly seen?: Pick<SeenBalance, 'sequence' | 'balance'>;
    }
  | { readonly refusal: OrbAnswer };

/** New alerts. Errors: the database's own, wallet-ledger's unavailable and timeout; refusals are answers. */
export class CreateAlert {
  constructor(
    private readonly subjects: AlertSubjects,
    private readonly balances: Balances,
    private readonly naming: AlertNaming,
    private readonly changes: Changes<AlertTransaction>,
    private readonly clock: AccountClock,
    /** Of ids alone: they sort by real time. */
    private readonly realClock: Clock,
  ) {}

  /** A crossing counts from now on: what is beyond a line already is not reported. */
  async ofCustomer(call: OrbCall): Promise<OrbAnswer> {
    const { account, customer } = call;
    const id = customer?.id ?? '';
    const found = customer && (await this.subjects.customer(account.id, { id }));
    if (!found) return refused(notFound('customer', id));
    const faults = new Faults();
    const terms = readNewAlert(call.body, faults);
    const fault = faults.refusal();
    if (fault) return refused(fault);
    const seen = await this.balances.now({ customerId: id, currency: terms.currency ?? '' });
    return this.insert(call, { scope: { kind: 'customer', id }, terms, seen });
  }

  async ofSubscription(call: OrbCall): Promise<OrbAnswer> {
    const id = call.path['subscription_id'] ?? '';
    const subscription = await this.subjects.subscription(call.account.id, id);
    if (!subscription) return refused(notFound('subscription', id));
    const metrics = subscription.timeline.prices.flatMap(
      ({ price }) => termsOf(price).metricId ?? [],
    );
    return this.insert(call, this.placed(call, { kind: 'subscription', id }, metrics));
  }

  async ofPlan(call: OrbCall): Promise<OrbAnswer> {
    const id = call.path['plan_id'] ?? '';
    const version = (call.body['plan_version'] ?? null) as number | null;
    const plan = await this.subjects.plan(call.account.id, id, version);
    if (!plan) return refused(notFound(version === null ? 'plan' : 'plan version', id));
    const scope: AlertScope = { kind: 'plan', id: plan.id, version: plan.version };
    return this.insert(call, this.placed(call, scope, plan.metricIds));
  }

  private placed(call: OrbCall, scope: AlertScope, metricIds: readonly string[]): Placed {
    const faults = new Faults();
    const terms = readNewAlert(call.body, faults);
    const { metricId } = terms;
    if (metricId !== null && !metricIds.includes(metricId)) {
      faults.add('metric_id', `must be a metric of the ${scope.kind}'s prices`);
    }
    const fault = faults.refusal();
    return fault ? { refusal: refused(fault) } : { scope, terms };
  }

  private async insert(call: OrbCall, placed: Placed): Promise<OrbAnswer> {
    if ('refusal' in placed) return placed.refusal;
    const accountId = call.account.id;
    const { scope, terms, seen } = placed;
    const createdAt = new Date(await this.clock.nowMs(accountId));
    const id = newId('alert', this.realClock.nowMs());
    const alert: Alert = {
      ...terms,
      id,
      accountId,
      scope,
      createdAt,
      isEnabled: true,
      position: 0n,
    };
    return this.changes.run(call, async (tx) => {
      const count = await tx.countIn(accountId, scope, terms.type);
      if (terms.type === 'spend_exceeded' && count >= SPEND_ALERTS_MAX) {
        const most = `at most ${String(SPEND_ALERTS_MAX)} spend_exceeded alerts`;
        const detail = `type: a ${scope.kind} has ${most}. Delete or update one.`;
        return refused({ code: 'constraint_violation', detail });
      }
      if (!(await tx.insert(alert))) {
        const detail = `type: the ${scope.kind} has such an alert already. Update it: PUT /v1/alerts/{id}.`;
        return refused({ code: 'duplicate_resource_creation', detail });
      }
      if (scope.kind === 'customer' && seen && terms.currency !== null) {
        const { currency } = terms;
        await tx.watchBalance({ accountId, customerId: scope.id, currency, ...seen });
      }
      if (!isBalanceAlert(terms.type)) await tx.judgeAgain(alert);
      return answered(
        201,
        toAlert(alert, { ...(await this.naming.of(alert)), ...balanceOf(seen) }),
      );
    });
  }
}

const balanceOf = (seen: Pick<SeenBalance, 'balance'> | undefined) =>
  seen ? { balance: seen.balance } : {};
