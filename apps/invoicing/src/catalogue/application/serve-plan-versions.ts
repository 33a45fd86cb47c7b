import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock, Clock } from '@orbit/kernel';
import {
  answered,
  invalid,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
  type OrbRefusal,
} from '@orbit/orb-api';
import { missingIn, nameIn } from './catalogue-name.js';
import { Faults } from '../domain/faults.js';
import {
  inPhasesOf,
  readVersionChange,
  removalsFrom,
  type VersionChange,
} from '../domain/version-change.js';
import { versionToResponse } from '../domain/plan-response.js';
import type { PlanMigration, Plans, PlanTransaction } from './plan-ports.js';
import { prepareVersion, writePrices } from './prepare-version.js';
import type { Metrics } from './price-ports.js';
import { contentOf, linksOf, raced, readMetrics, show } from './serve-plans.js';

/** As large as the database keeps one. */
const VERSION_MAX = 2_147_483_647;
const MIGRATIONS = 'list-migrations';

/** Versions of plans, and migrations to them. Errors: the database's own, metering's. */
export class ServePlanVersions {
  constructor(
    private readonly plans: Plans,
    private readonly changes: Changes<PlanTransaction>,
    private readonly metrics: Metrics,
    private readonly clock: AccountClock,
    /** Of ids alone: they sort by real time. */
    private readonly realClock: Clock,
  ) {}

  /** The next version: the default one's content, with what the request takes away, adds and replaces. */
  async create(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    const name = nameIn(call, 'plan');
    const seen = await this.plans.read(account.id, name);
    if (!seen) return missingIn(call, 'plan');
    const faults = new Faults();
    const orders = seen.version.phases?.map(({ order }) => order) ?? [];
    const change = readVersionChange(body, faults, { currency: seen.plan.currency, orders });
    const metrics = await readMetrics(this.metrics, account.id, change?.prices ?? []);
    const nowMs = await this.clock.nowMs(account.id);
    return this.changes.run(call, async (tx) => {
      const fault = faults.refusal();
      if (fault || !change) return refused(fault ?? OUT_OF_FORM);
      const found = await tx.lockPlan(account.id, name);
      if (!found) return missingIn(call, 'plan');
      const { plan, version: base } = found;
      const number = (await tx.latestVersion(account.id, plan.id)) + 1;
      if (change.version !== number) return refused(notNext(change, number));
      const kept = removalsFrom(base, change, faults);
      const strange = faults.refusal();
      if (strange) return refused(strange);
      const parts = { tx, metrics, accountId: account.id, nowMs, idMs: this.realClock.nowMs() };
      const keptPriceIds = kept.prices.map(({ id }) => id);
      const prepared = await prepareVersion(parts, {
        ...change,
        prices: inPhasesOf(base, change.prices),
        keptPriceIds,
      });
      if ('code' in prepared) return refused(prepared);
      if (!(await writePrices(parts, prepared.prices))) throw raced();
      const adjustments = [...kept.adjustments, ...prepared.adjustments];
      const content = contentOf(plan.id, number, { ...prepared, adjustments }, nowMs);
      const links = kept.prices.map(({ id, planPhaseOrder }) => ({
        priceId: id,
        phaseOrder: planPhaseOrder,
      }));
      await tx.insertVersion(account.id, { ...content, phases: base.phases }, [
        ...links,
        ...linksOf(prepared),
      ]);
      if (change.isDefault) await tx.savePlan(account.id, { ...plan, defaultVersion: number });
      const made = await tx.readVersion(account.id, plan.id, number);
      if (!made) throw raced();
      return answered(201, versionToResponse(made));
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const text = call.path['version'] ?? '';
    const number = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
    const name = nameIn(call, 'plan');
    if (!(await this.plans.read(call.account.id, name))) return missingIn(call, 'plan');
    const found = number && (await this.plans.readVersion(call.account.id, name, number));
    return found
      ? answered(200, versionToResponse(found))
      : refused(notFound('plan version', text));
  }

  /** Sets the version that subscriptions get from now on when they name none; those that exist stay. */
  setDefault(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    const version = body['version'] as number;
    return this.changes.run(call, async (tx) => {
      const found = await tx.lockPlan(account.id, nameIn(call, 'plan'));
      if (!found) return missingIn(call, 'plan');
      const { plan } = found;
      const canBe = version >= 1 && version <= VERSION_MAX;
      if (!canBe || !(await tx.hasVersion(account.id, plan.id, version))) {
        const refusal = notFound('plan version', String(version));
        return refused({ ...refusal, detail: `version: ${refusal.detail}` });
      }
      await tx.savePlan(account.id, { ...plan, defaultVersion: version });
      return show(tx, account.id, plan.id, 200);
    });
  }

  async listMigrations(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf(MIGRATIONS, call);
    if (!query) return invalid(NOT_A_CURSOR);
    const rows = await this.plans.listMigrations(call.path['plan_id'] ?? '', query);
    return rows ? pageOf(MIGRATIONS, call, query, rows, toResponse) : missingIn(call, 'plan');
  }

  async fetchMigration(call: OrbCall): Promise<OrbAnswer> {
    const { plan_id: planId = '', migration_id: id = '' } = call.path;
    const found = await this.plans.readMigration(call.account.id, planId, id);
    return found ? answered(200, toResponse(found)) : refused(notFound('migration', id));
  }

  /** Before it has begun. */
  cancelMigration(call: OrbCall): Promise<OrbAnswer> {
    const { plan_id: planId = '', migration_id: id = '' } = call.path;
    return this.changes.run(call, async (tx) => {
      const found = await tx.lockMigration(call.account.id, planId, id);
      if (!found) return refused(notFound('migration', id));
      if (found.status !== 'not_started') {
        const detail = `migration_id: migration ${id} is ${found.status}, which cannot be canceled.`;
        return refused({ code: 'constraint_violation', detail });
      }
      await tx.cancelMigration(call.account.id, id);
      return answered(200, toResponse({ ...found, status: 'canceled' }));
    });
  }
}

const OUT_OF_FORM = { code: 'request_validation_errors', detail: 'body is no version' } as const;

function notNext({ version }: VersionChange, next: number): OrbRefusal {
  const detail = `version must be ${String(next)}, the next one, not ${String(version)}`;
  return { code: 'request_validation_errors', detail, validationErrors: [detail] };
}

const toResponse = (migration: PlanMigration): Record<string, unknown> => ({
  id: migration.id,
  plan_id: migration.planId,
  effective_time: migration.effectiveTime,
  status: migration.status,
});
