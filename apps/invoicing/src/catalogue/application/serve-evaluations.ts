import type { OrbAnswer, OrbCall, PreviewEvent, UsageWindow } from '@orbit/contracts';
import { isStorableInstant } from '@orbit/kernel';
import {
  answered,
  ExactNumber,
  instantIn,
  notFound,
  refused,
  type OrbRefusal,
} from '@orbit/orb-api';
import { evaluate, definitionOf, type EvaluatedGroup } from '../domain/evaluation.js';
import { Faults, type Fields } from '../domain/faults.js';
import type { EvaluatedCustomer, EvaluationParts } from './evaluation-ports.js';
import { readEvaluation, type NamedEvaluation } from './read-evaluation.js';
import { missing } from './resolve-price.js';

const DAY_MS = 86_400_000;
const START_DAYS_MAX = 100;
const GROUPS_MAX = 1_000;

/** Evaluates usage by prices: exact products, without minimums and discounts of plans. Nothing is stored. */
export class ServeEvaluations {
  constructor(private readonly parts: EvaluationParts) {}

  /** One price over a customer's stored events. */
  async evaluateOne(call: OrbCall): Promise<OrbAnswer> {
    const entry = { ...call.body, price_id: call.path['price_id'] ?? '' };
    const result = await this.run(call, [{ field: '', entry }], false);
    if (!Array.isArray(result)) return refused(result as OrbRefusal);
    return answered(200, {
      data: (result as Evaluated[]).flatMap(({ groups }) => groups.map(shown)),
    });
  }

  evaluateSeveral(call: OrbCall): Promise<OrbAnswer> {
    return this.several(call, false);
  }

  /** Over the events that the request brings. */
  evaluatePreview(call: OrbCall): Promise<OrbAnswer> {
    return this.several(call, true);
  }

  private async several(call: OrbCall, isPreview: boolean): Promise<OrbAnswer> {
    const list = (call.body['price_evaluations'] ?? []) as readonly Fields[];
    if (list.length === 0) return refused(invalidWith(['price_evaluations is required']));
    const entries = list.map((entry, index) => ({
      field: `price_evaluations[${String(index)}].`,
      entry,
    }));
    const result = await this.run(call, entries, isPreview);
    if (!Array.isArray(result)) return refused(result as OrbRefusal);
    return answered(200, {
      data: (result as Evaluated[]).map(({ named, groups }) => ({
        ...named.reference,
        currency: named.currency,
        price_groups: groups.map(shown),
      })),
    });
  }

  private async run(
    call: OrbCall,
    entries: readonly { readonly field: string; readonly entry: Fields }[],
    isPreview: boolean,
  ): Promise<readonly Evaluated[] | OrbRefusal> {
    const { account, body } = call;
    const customer = await this.customerOf(account.id, body);
    if ('code' in customer) return customer;
    const faults = new Faults();
    const nowMs = await this.parts.clock.nowMs(account.id);
    const window = readWindow(body, customer.timezone, nowMs, faults);
    const events = isPreview ? readEvents(body, customer, faults) : null;
    const evaluations: NamedEvaluation[] = [];
    for (const [index, { field, entry }] of entries.entries()) {
      const read = await readEvaluation(this.parts, account.id, entry, { field, index });
      if ('code' in read) return read;
      evaluations.push(read);
    }
    const fault = faults.refusal();
    if (fault || !window) return fault ?? notFound('window', '');
    return this.count(account.id, customer, events, window, evaluations);
  }

  private async count(
    accountId: string,
    customer: EvaluatedCustomer,
    events: readonly PreviewEvent[] | null,
    window: UsageWindow,
    evaluations: readonly NamedEvaluation[],
  ): Promise<readonly Evaluated[] | OrbRefusal> {
    const { metering } = this.parts;
    const metered = evaluations.filter(({ price }) => price.metricId !== null);
    const definitions = metered.flatMap((evaluation) => definitionOf(evaluation) ?? []);
    const fault = await this.definitionFault(accountId, metered);
    if (fault) return fault;
    const scope = events === null ? { ofCustomer: customer.id } : { given: events };
    const answer =
      definitions.length === 0
        ? { faults: [], results: [] }
        : await metering.count(accountId, scope, definitions, window);
    if (answer.faults.length > 0) return invalidWith(answer.faults);
    const evaluated = evaluations.map((named): Evaluated => {
      const groups = answer.results[metered.indexOf(named)]?.windows[0]?.groups ?? [];
      return { named, groups: evaluate(named, groups) };
    });
    const tooMany = evaluated.find(({ groups }) => groups.length > GROUPS_MAX);
    if (!tooMany) return evaluated;
    const detail = `${tooMany.named.field}grouping_keys: more than ${String(GROUPS_MAX)} groups.`;
    return { code: 'too_many_results', detail };
  }

  /** Usage-metering's fault with the caller's filters and keys; alone, so that it is the caller's text. */
  private async definitionFault(
    accountId: string,
    metered: readonly NamedEvaluation[],
  ): Promise<OrbRefusal | null> {
    const own = metered.flatMap((evaluation) => {
      const { price } = evaluation;
      return definitionOf({ ...evaluation, price: { ...price, dimensional: null } }) ?? [];
    });
    if (own.length === 0) return null;
    const checks = await this.parts.metering.check(accountId, own);
    const sentences = checks.flatMap(({ faults }, index) =>
      faults.map((sentence) => `${metered[index]?.field ?? ''}${sentence}`),
    );
    return sentences.length === 0 ? null : invalidWith(sentences);
  }

  private async customerOf(
    accountId: string,
    { customer_id: id, external_customer_id: externalId }: Fields,
  ): Promise<EvaluatedCustomer | OrbRefusal> {
    const isOne = (typeof id === 'string') !== (typeof externalId === 'string');
    if (!isOne)
      return invalidWith(['customer_id or external_customer_id is required: one of both']);
    const name = typeof id === 'string' ? { id } : { externalId: String(externalId) };
    const found = await this.parts.reads.customer(accountId, name);
    const field = 'id' in name ? 'customer_id' : 'external_customer_id';
    return found ?? missing(field, 'customer', String(id ?? externalId));
  }
}

interface Evaluated {
  readonly named: NamedEvaluation;
  readonly groups: readonly EvaluatedGroup[];
}

function invalidWith(sentences: readonly string[]): OrbRefusal {
  const detail = sentences.join('; ');
  return { code: 'request_validation_errors', detail, validationErrors: sentences };
}

const shown = ({ groupingValues, quantity, amount }: EvaluatedGroup): Fields => ({
  grouping_values: groupingValues,
  quantity: new ExactNumber(quantity),
  amount,
});

function readWindow(
  body: Fields,
  timezone: string,
  nowMs: number,
  faults: Faults,
): UsageWindow | null {
  const instants = (['timeframe_start', 'timeframe_end'] as const).map((field) => {
    const ms = instantIn(String(body[field]), timezone);
    if (!isStorableInstant(ms)) faults.add(field, 'is an instant of the years 1 to 9999');
    return ms;
  });
  const [startMs = NaN, endMs = NaN] = instants;
  if (endMs <= startMs) faults.add('timeframe_end', 'must be after timeframe_start');
  if (startMs < nowMs - START_DAYS_MAX * DAY_MS) {
    faults.add('timeframe_start', `must lie within the last ${String(START_DAYS_MAX)} days`);
  }
  if (!faults.isEmpty) return null;
  return { from: new Date(startMs).toISOString(), to: new Date(endMs).toISOString() };
}

/** All are of the customer that is asked about; each is its own event, as nothing deduplicates them. */
function readEvents(
  body: Fields,
  customer: EvaluatedCustomer,
  faults: Faults,
): readonly PreviewEvent[] {
  const list = (body['events'] ?? []) as readonly Fields[];
  return list.map((event, index) => {
    const field = `events[${String(index)}]`;
    const { customer_id: id = null, external_customer_id: externalId = null } = event;
    if (id !== null && id !== customer.id) {
      faults.add(`${field}.customer_id`, 'must be the customer of the request');
    }
    if (externalId !== null && externalId !== customer.externalId) {
      faults.add(`${field}.external_customer_id`, 'must be the customer of the request');
    }
    const timestampMs = instantIn(String(event['timestamp']), 'UTC');
    if (!isStorableInstant(timestampMs)) faults.add(`${field}.timestamp`, 'must be an instant');
    const properties = (event['properties'] ?? {}) as PreviewEvent['properties'];
    for (const [name, value] of Object.entries(properties)) {
      if (!['string', 'number', 'boolean'].includes(typeof value)) {
        faults.add(`${field}.properties.${name}`, 'must be a text, a number, true or false');
      }
    }
    return {
      event_name: String(event['event_name']),
      timestamp: isStorableInstant(timestampMs) ? new Date(timestampMs).toISOString() : '',
      idempotency_key: `preview-${String(index)}`,
      customer_id: customer.id,
      external_customer_id: customer.externalId,
      properties,
    };
  });
}
