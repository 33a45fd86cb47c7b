import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId, type AccountClock, type Clock } from '@orbit/kernel';
import {
  notFound,
  mergeMetadata,
  answered,
  invalid,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
  type OrbRefusal,
} from '@orbit/orb-api';
import { checkText, Faults } from '../domain/faults.js';
import type { ExternalConnection, Item, Items, ItemTransaction } from './item-ports.js';

/** The operations of items. Errors: the database's own; refusals are answers. */
export class ServeItems {
  constructor(
    private readonly items: Items,
    private readonly changes: Changes<ItemTransaction>,
    private readonly clock: AccountClock,
    /** Real time, of ids. */
    private readonly realClock: Clock,
  ) {}

  create(call: OrbCall): Promise<OrbAnswer> {
    const fault = nameFault(String(call.body['name']));
    return this.changes.run(call, async (tx) => {
      if (fault) return refused(fault);
      const nowMs = await this.clock.nowMs(call.account.id);
      const item = {
        id: newId('item', this.realClock.nowMs()),
        name: String(call.body['name']),
        metadata: mergeMetadata({}, call.body['metadata']),
        externalConnections: [],
        createdAt: new Date(nowMs),
        archivedAt: null,
      };
      await tx.insert(call.account.id, item);
      return answered(201, toResponse(item));
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const item = await this.items.read(call.account.id, idOf(call));
    return item ? answered(200, toResponse(item)) : missing(call);
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf('list-items', call);
    if (!query) return invalid(NOT_A_CURSOR);
    return pageOf('list-items', call, query, await this.items.list(query), toResponse);
  }

  /** Null leaves the name, clears the metadata and clears the connections. */
  update(call: OrbCall): Promise<OrbAnswer> {
    const { name, metadata, external_connections: connections } = call.body;
    const fault = typeof name === 'string' ? nameFault(name) : null;
    return this.changes.run(call, async (tx) => {
      const item = await tx.lock(call.account.id, idOf(call));
      if (!item) return missing(call);
      if (fault) return refused(fault);
      const changed = {
        ...item,
        name: typeof name === 'string' ? name : item.name,
        metadata: mergeMetadata(item.metadata, metadata),
        externalConnections:
          connections === undefined
            ? item.externalConnections
            : ((connections ?? []) as readonly ExternalConnection[]).map(onlyKnown),
      };
      await tx.save(call.account.id, changed);
      return answered(200, toResponse(changed));
    });
  }

  /** Once: its prices that are sold are archived with it. */
  async archive(call: OrbCall): Promise<OrbAnswer> {
    const { account } = call;
    const archivedAt = new Date(await this.clock.nowMs(account.id));
    return this.changes.run(call, async (tx) => {
      const item = await tx.lock(account.id, idOf(call));
      if (!item) return missing(call);
      if (item.archivedAt) {
        const detail = `item_id: item ${item.id} is archived already.`;
        return refused({ code: 'constraint_violation', detail });
      }
      const archived = { ...item, archivedAt };
      await tx.save(account.id, archived);
      await tx.archivePrices(account.id, item.id, archivedAt);
      return answered(200, toResponse(archived));
    });
  }
}

function nameFault(name: string): OrbRefusal | null {
  const faults = new Faults();
  checkText(faults, 'name', name);
  return faults.refusal();
}

const idOf = ({ path }: OrbCall): string => path['item_id'] ?? '';

const missing = (call: OrbCall): OrbAnswer => refused(notFound('item', idOf(call)));

/** The contract leaves these objects open; what it does not name is dropped. */
const onlyKnown = (connection: ExternalConnection): ExternalConnection => ({
  external_connection_name: connection.external_connection_name,
  external_entity_id: connection.external_entity_id,
});

const toResponse = (item: Omit<Item, 'position'>): Record<string, unknown> => ({
  id: item.id,
  name: item.name,
  metadata: item.metadata,
  external_connections: item.externalConnections,
  created_at: item.createdAt.toISOString(),
  archived_at: item.archivedAt?.toISOString() ?? null,
});
