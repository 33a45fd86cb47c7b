import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId, type AccountClock, type Clock } from '@orbit/kernel';
import {
  answered,
  invalid,
  mergeMetadata,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { missingIn, nameIn } from './catalogue-name.js';
import { checkText, Faults } from '../domain/faults.js';
import { readGroupPrices } from '../domain/group-prices.js';
import { priceToResponse } from '../domain/price-response.js';
import type { DimensionalGroup, Groups, GroupTransaction, PriceStatus } from './group-ports.js';
import type { Metrics, NewPrice } from './price-ports.js';
import { missing, resolvePrice, type ResolvedPrice } from './resolve-price.js';

const LIST = 'list-dimensional-price-groups';
const LIST_PRICES = 'list-dimensional-price-group-prices';
const EXTERNAL_ID_LENGTH_MAX = 255;
const DIMENSIONS_MAX = 20;
const GROUP = 'dimensional_price_group';

/** The operations of dimensional price groups. Errors: the database's own, metering's; refusals are answers. */
export class ServeGroups {
  constructor(
    private readonly groups: Groups,
    private readonly changes: Changes<GroupTransaction>,
    private readonly metrics: Metrics,
    private readonly clock: AccountClock,
    /** Of ids alone: they sort by real time. */
    private readonly realClock: Clock,
  ) {}

  async create(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    const faults = new Faults();
    checkNewGroup(body, faults);
    const metricId = String(body['billable_metric_id']);
    const [metric] = await this.metrics.read(account.id, [metricId]);
    const nowMs = await this.clock.nowMs(account.id);
    return this.changes.run(call, async (tx) => {
      const fault = faults.refusal();
      if (fault) return refused(fault);
      if (!metric) return refused(missing('billable_metric_id', 'metric', metricId));
      const group = {
        id: newId('dpg', this.realClock.nowMs()),
        externalId: (body['external_dimensional_price_group_id'] ?? null) as string | null,
        name: String(body['name']),
        dimensions: body['dimensions'] as readonly string[],
        ...{ metricId, itemId: metric.item_id },
        metadata: mergeMetadata({}, body['metadata']),
        createdAt: new Date(nowMs),
      };
      if (!(await tx.insertGroup(account.id, group))) return taken(group.externalId);
      return answered(201, toResponse({ ...group, priceCount: 0 }));
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const group = await this.groups.read(call.account.id, nameIn(call, GROUP));
    return group ? answered(200, toResponse(group)) : missingIn(call, GROUP);
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf(LIST, call);
    if (!query) return invalid(NOT_A_CURSOR);
    const { billable_metric_id: metricId } = call.query;
    const filter = { metricId: typeof metricId === 'string' ? metricId : null };
    return pageOf(LIST, call, query, await this.groups.list({ ...query, ...filter }), toResponse);
  }

  /** Its own name and metadata; what it splits by never changes. */
  update(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    const { external_dimensional_price_group_id: externalId, metadata } = body;
    const faults = new Faults();
    checkExternalId(externalId, faults);
    return this.changes.run(call, async (tx) => {
      const group = await tx.lockGroup(account.id, nameIn(call, GROUP));
      if (!group) return missingIn(call, GROUP);
      const fault = faults.refusal();
      if (fault) return refused(fault);
      const changed = {
        ...group,
        externalId: externalId === undefined ? group.externalId : (externalId as string | null),
        metadata: mergeMetadata(group.metadata, metadata),
      };
      if (!(await tx.saveGroup(account.id, changed))) return taken(changed.externalId);
      return answered(200, toResponse(changed));
    });
  }

  async listPrices(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf(LIST_PRICES, call);
    if (!query) return invalid(NOT_A_CURSOR);
    const group = await this.groups.read(call.account.id, nameIn(call, GROUP));
    if (!group) return missingIn(call, GROUP);
    const status = (call.query['status'] ?? 'active') as PriceStatus;
    const rows = await this.groups.listPrices(group.id, status, query);
    return pageOf(LIST_PRICES, call, query, rows, priceToResponse);
  }

  /** Several prices, all or none. */
  async createPrices(call: OrbCall): Promise<OrbAnswer> {
    const { account } = call;
    const seen = await this.groups.read(account.id, nameIn(call, GROUP));
    const metrics = seen ? await this.metrics.read(account.id, [seen.metricId]) : [];
    const nowMs = await this.clock.nowMs(account.id);
    return this.changes.run(call, async (tx) => {
      const group = await tx.lockGroup(account.id, nameIn(call, GROUP));
      if (!group) return missingIn(call, GROUP);
      const faults = new Faults();
      const drafts = readGroupPrices(call.body, group, faults);
      const fault = faults.refusal();
      if (fault) return refused(fault);
      const resolved: ResolvedPrice[] = [];
      for (const draft of drafts) {
        const resolution = await resolvePrice(tx, metrics, account.id, draft);
        if (!resolution.ok) return refused(resolution.refusal);
        resolved.push(resolution.resolved);
      }
      const prices = drafts.map((draft, index): NewPrice => ({
        ...draft.definition,
        ...(resolved[index] as ResolvedPrice),
        ...{
          id: newId('price', this.realClock.nowMs()),
          externalPriceId: null,
          replacesPriceId: null,
        },
        ...{ metadata: {}, createdAt: new Date(nowMs) },
      }));
      for (const price of prices) await tx.insertPrice(account.id, 'group', price);
      const data = prices.map((price) => priceToResponse({ ...price, planPhaseOrder: null }));
      return answered(201, { data });
    });
  }
}

function checkNewGroup(body: OrbCall['body'], faults: Faults): void {
  const dimensions = body['dimensions'] as readonly string[];
  checkText(faults, 'name', String(body['name']));
  checkExternalId(body['external_dimensional_price_group_id'], faults);
  if (dimensions.length > DIMENSIONS_MAX) {
    faults.add('dimensions', `must have at most ${String(DIMENSIONS_MAX)} entries`);
  }
  for (const [index, dimension] of dimensions.entries()) {
    checkText(faults, `dimensions[${String(index)}]`, dimension);
    if (dimensions.indexOf(dimension) < index) {
      faults.add(`dimensions[${String(index)}]`, 'stands twice');
    }
  }
}

function checkExternalId(externalId: unknown, faults: Faults): void {
  if (typeof externalId !== 'string') return;
  checkText(faults, 'external_dimensional_price_group_id', externalId, EXTERNAL_ID_LENGTH_MAX);
}

const EXTERNAL = 'external_dimensional_price_group_id';

function taken(externalId: string | null): OrbAnswer {
  const detail = `${EXTERNAL}: another group has the external id ${JSON.stringify(externalId)}.`;
  return refused({ code: 'duplicate_resource_creation', detail });
}

const toResponse = (group: Omit<DimensionalGroup, 'position'>): Record<string, unknown> => ({
  id: group.id,
  name: group.name,
  external_dimensional_price_group_id: group.externalId,
  dimensions: group.dimensions,
  billable_metric_id: group.metricId,
  price_count: group.priceCount,
  metadata: group.metadata,
});
