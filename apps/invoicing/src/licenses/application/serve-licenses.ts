import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId, type AccountClock } from '@orbit/kernel';
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
import { addCivil, midnightMs } from '../../timeline/domain/civil.js';
import { readInstant } from '../../timeline/domain/read-instant.js';
import { overlaps, toLicense, type License } from '../domain/license.js';
import type { Licenses, LicenseTransaction } from './ports.js';

const LIST = 'list-licenses';
const EXTERNAL_ID_LENGTH_MAX = 255;

const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const idOf = ({ path }: OrbCall): string => path['license_id'] ?? '';
const violates = (detail: string): OrbAnswer => refused({ code: 'constraint_violation', detail });

/** Licenses of subscriptions. Errors: the database's own; refusals are answers. */
export class ServeLicenses {
  constructor(
    private readonly licenses: Licenses,
    private readonly changes: Changes<LicenseTransaction>,
    private readonly clock: AccountClock,
  ) {}

  /** From the beginning of a day on; one external id has one license of a type at a time. */
  create(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    const subscriptionId = String(body['subscription_id']);
    const typeId = String(body['license_type_id']);
    const externalId = String(body['external_license_id']);
    return this.changes.run(call, async (tx) => {
      const nowMs = await this.clock.nowMs(account.id);
      if (externalId.trim() === '' || externalId.length > EXTERNAL_ID_LENGTH_MAX) {
        const most = String(EXTERNAL_ID_LENGTH_MAX);
        return invalid(`external_license_id: must have 1 to ${most} characters and not be blank`);
      }
      const subscription = await tx.lock(account.id, subscriptionId);
      if (!subscription) return refused(notFound('subscription', subscriptionId));
      if (!(await tx.hasType(account.id, typeId))) return refused(notFound('license type', typeId));
      const { timezone } = subscription;
      const startMs = dayIn(body, 'start_date', timezone, midnightMs(nowMs, timezone));
      const endMs = dayIn(body, 'end_date', timezone, null);
      if (typeof startMs !== 'number') return invalid('start_date: must be a day that there is');
      if (endMs === undefined) return invalid('end_date: must be a day that there is');
      if (endMs !== null && endMs <= startMs) return invalid('end_date: must be after start_date');
      if (startMs < midnightMs(subscription.startMs, timezone)) {
        return invalid('start_date: must not be before the subscription begins');
      }
      if (subscription.endMs !== null && startMs >= subscription.endMs) {
        return violates('start_date: the subscription has ended by then.');
      }
      const name = { subscriptionId, typeId, externalId };
      const span = { startMs, endMs };
      const other = (await tx.of(account.id, name)).find((known) => overlaps(known, span));
      if (other) {
        return violates(`external_license_id: license ${other.id} of it counts at that time.`);
      }
      const license = {
        ...{ id: newId('lic', nowMs), accountId: account.id, ...name, ...span },
        createdAt: new Date(nowMs),
      };
      await tx.insert(license);
      return answered(201, toLicense({ ...license, position: 0n }, nowMs));
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const license = await this.licenses.read(call.account.id, idOf(call));
    return license ? this.shown(call, license) : refused(notFound('license', idOf(call)));
  }

  /** The one that counts now; where none does, the newest one of this external id. */
  async fetchByExternalId(call: OrbCall): Promise<OrbAnswer> {
    const { account, path, query } = call;
    const externalId = path['external_license_id'] ?? '';
    const license = await this.licenses.find(account.id, {
      ...{ subscriptionId: String(query['subscription_id']), externalId },
      typeId: String(query['license_type_id']),
      nowMs: await this.clock.nowMs(account.id),
    });
    return license ? this.shown(call, license) : refused(notFound('license', externalId));
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const page = pageQueryOf(LIST, call);
    if (!page) return invalid(NOT_A_CURSOR);
    const { account, query } = call;
    const subscriptionId = String(query['subscription_id']);
    if (!(await this.licenses.subscription(account.id, subscriptionId))) {
      return refused(notFound('subscription', subscriptionId));
    }
    const nowMs = await this.clock.nowMs(account.id);
    const rows = await this.licenses.list({
      ...page,
      ...{ subscriptionId, nowMs, typeId: textOr(query['license_type_id']) },
      externalId: textOr(query['external_license_id']),
      status: textOr(query['status']) as 'active' | 'inactive' | null,
    });
    return pageOf(LIST, call, page, rows, (row) => toLicense(row, nowMs));
  }

  /** At the beginning of a day; without one at the end of today. */
  deactivate(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    return this.changes.run(call, async (tx) => {
      const nowMs = await this.clock.nowMs(account.id);
      const seen = await tx.read(account.id, idOf(call));
      const subscription = seen && (await tx.lock(account.id, seen.subscriptionId));
      const license = await tx.read(account.id, idOf(call));
      if (!license || !subscription) return refused(notFound('license', idOf(call)));
      const { timezone } = subscription;
      const tomorrowMs = addCivil(midnightMs(nowMs, timezone), 1, 'days', timezone);
      const endMs = dayIn(body, 'end_date', timezone, tomorrowMs);
      if (typeof endMs !== 'number') return invalid('end_date: must be a day that there is');
      if (license.endMs !== null && license.endMs <= nowMs) {
        return violates('The license was deactivated already.');
      }
      if (endMs < license.startMs)
        return invalid('end_date: must not be before the license begins');
      if (license.endMs !== null && endMs > license.endMs) {
        return invalid('end_date: must not be after the license ends');
      }
      await tx.saveEnd({ ...license, endMs });
      return answered(200, toLicense({ ...license, endMs }, nowMs));
    });
  }

  private async shown({ account }: OrbCall, license: License): Promise<OrbAnswer> {
    return answered(200, toLicense(license, await this.clock.nowMs(account.id)));
  }
}

/** The first instant of a day of a request; undefined: no calendar has it. */
function dayIn(
  body: OrbCall['body'],
  field: string,
  timezone: string,
  otherwise: number | null,
): number | null | undefined {
  const text = body[field] ?? null;
  return text === null ? otherwise : (readInstant(String(text), timezone) ?? undefined);
}
