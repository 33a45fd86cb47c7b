import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId, type AccountClock, type Clock } from '@orbit/kernel';
import {
  answered,
  invalid,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { checkText, Faults } from '../domain/faults.js';
import type { LicenseTypes, LicenseTypeTransaction } from './group-ports.js';
import type { LicenseTypeRef } from '../domain/price.js';

const LIST = 'list-license-types';

/** The operations of license types. Errors: the database's own; refusals are answers. */
export class ServeLicenseTypes {
  constructor(
    private readonly types: LicenseTypes,
    private readonly changes: Changes<LicenseTypeTransaction>,
    private readonly clock: AccountClock,
    /** Of ids alone: they sort by real time. */
    private readonly realClock: Clock,
  ) {}

  async create(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    const [name, groupingKey] = [String(body['name']), String(body['grouping_key'])];
    const faults = new Faults();
    checkText(faults, 'name', name);
    checkText(faults, 'grouping_key', groupingKey);
    const nowMs = await this.clock.nowMs(account.id);
    return this.changes.run(call, async (tx) => {
      const fault = faults.refusal();
      if (fault) return refused(fault);
      const type = { id: newId('lict', this.realClock.nowMs()), name, grouping_key: groupingKey };
      await tx.insert(account.id, { ...type, createdAt: new Date(nowMs) });
      return answered(201, toResponse(type));
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const id = call.path['license_type_id'] ?? '';
    const type = await this.types.read(call.account.id, id);
    return type ? answered(200, toResponse(type)) : refused(notFound('license type', id));
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf(LIST, call);
    if (!query) return invalid(NOT_A_CURSOR);
    return pageOf(LIST, call, query, await this.types.list(query), toResponse);
  }
}

const toResponse = ({ id, name, grouping_key }: LicenseTypeRef): LicenseTypeRef => ({
  id,
  name,
  grouping_key,
});
