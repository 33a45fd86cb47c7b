import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import {
  ExactNumber,
  invalid,
  notFound,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
} from '@orbit/orb-api';
import type { Subscription, UsageAsk, UsageByKey } from '../../billing/domain/subscription.js';
import { addCivil } from '../../timeline/domain/civil.js';
import type { Period } from '../../timeline/domain/cycle.js';
import { currentPeriod } from '../../timeline/domain/position.js';
import { readInstant } from '../../timeline/domain/read-instant.js';
import type { Timeline } from '../../timeline/domain/timeline.js';
import { isActiveAt, type License } from '../domain/license.js';
import {
  asksOfLicenses,
  licenseUsage,
  licenseUsageView,
  type LicenseQuestion,
} from '../domain/license-usage.js';
import type { Licenses } from './ports.js';

/** Subscriptions and usage as billing reads them. */
export interface LicenseUsageReads {
  readonly subscriptions: {
    read(accountId: string, id: string): Promise<Subscription | null>;
  };
  readonly usage: { read(accountId: string, asks: readonly UsageAsk[]): Promise<UsageByKey> };
}

interface Asked {
  readonly operation: string;
  readonly subscriptionId: string;
  readonly typeId: string;
  /** Null: all of the type. */
  readonly license: License | null;
}

const GROUPS = ['license', 'day'];

/** Allocations to licenses and their use. Errors: the database's own, usage-metering's unavailable and timeout. */
export class ServeLicenseUsage {
  constructor(
    private readonly licenses: Licenses,
    private readonly reads: LicenseUsageReads,
    private readonly clock: AccountClock,
  ) {}

  async byId(call: OrbCall): Promise<OrbAnswer> {
    const id = call.path['license_id'] ?? '';
    const license = await this.licenses.read(call.account.id, id);
    if (!license) return refused(notFound('license', id));
    const { subscriptionId, typeId } = license;
    return this.answer(call, {
      ...{ operation: 'get-license-usage-by-id', subscriptionId, typeId, license },
    });
  }

  /** Of the license that counts now. */
  async byExternalId(call: OrbCall): Promise<OrbAnswer> {
    const { account, path, query } = call;
    const nowMs = await this.clock.nowMs(account.id);
    const externalId = path['external_license_id'] ?? '';
    const [subscriptionId, typeId] = [query['subscription_id'], query['license_type_id']].map(
      String,
    );
    const name = { subscriptionId: subscriptionId ?? '', typeId: typeId ?? '', externalId };
    const license = await this.licenses.find(account.id, { ...name, nowMs });
    if (!license || !isActiveAt(license, nowMs)) return refused(notFound('license', externalId));
    return this.answer(call, { operation: 'get-license-usage-by-external-id', ...name, license });
  }

  async byType(call: OrbCall): Promise<OrbAnswer> {
    const { account, query } = call;
    const [subscriptionId, typeId] = [
      String(query['subscription_id']),
      String(query['license_type_id']),
    ];
    if (!(await this.licenses.hasType(account.id, typeId))) {
      return refused(notFound('license type', typeId));
    }
    return this.answer(call, {
      ...{ operation: 'get-license-usage-by-type', subscriptionId, typeId, license: null },
    });
  }

  private async answer(call: OrbCall, asked: Asked): Promise<OrbAnswer> {
    const { account } = call;
    const { operation, subscriptionId, typeId, license } = asked;
    const page = pageQueryOf(operation, call);
    if (!page) return invalid(NOT_A_CURSOR);
    const groups = String(call.query['group_by'] ?? 'license').split(',');
    const isKnown = groups.every((group, index) => {
      return GROUPS.includes(group.trim()) && groups.indexOf(group) === index;
    });
    if (!isKnown) return invalid("group_by: must be 'license', 'day' or 'license,day'");
    const subscription = await this.reads.subscriptions.read(account.id, subscriptionId);
    if (!subscription) return refused(notFound('subscription', subscriptionId));
    const { timeline, customerId } = subscription;
    const window = readWindow(call, timeline, await this.clock.nowMs(account.id));
    if (typeof window === 'string') return invalid(window);
    const all = await this.licenses.ofType(account.id, subscriptionId, typeId);
    const shown = all.filter(({ id, startMs }) => {
      return license ? id === license.id : startMs < window.endMs;
    });
    const byDay = groups.some((group) => group.trim() === 'day');
    const byLicense = groups.some((group) => group.trim() === 'license');
    const question: LicenseQuestion = {
      ...{ timeline, customerId, typeId, window, byDay, byLicense, shown, all },
    };
    const counted = await this.reads.usage.read(account.id, asksOfLicenses(question));
    const rows = licenseUsage(question, counted).map((usage, index) => ({
      ...{ usage, createdAt: new Date(0), position: BigInt(index + 1) },
    }));
    const from = Number(page.after?.position ?? 0n);
    const some = rows.slice(from, from + page.limit + 1);
    return pageOf(operation, call, page, some, ({ usage }) =>
      licenseUsageView(usage, question, subscriptionId, (value) => {
        return new ExactNumber(value.toString());
      }),
    );
  }
}

/** Days of the customer; without one, those of the running period. At most a year. A text says what is wrong. */
function readWindow({ query }: OrbCall, timeline: Timeline, nowMs: number): Period | string {
  const { timezone } = timeline;
  const lastMs = timeline.endMs === null ? nowMs : Math.min(nowMs, timeline.endMs - 1);
  const running = currentPeriod(timeline, Math.max(lastMs, timeline.startMs));
  const day = (field: string, otherwise: number | undefined): number | null => {
    const text = query[field];
    return typeof text === 'string' ? readInstant(text, timezone) : (otherwise ?? null);
  };
  const startMs = day('start_date', running?.startMs);
  const endMs = day('end_date', running?.endMs);
  if (startMs === null) return 'start_date: must be a day of the years 1 to 9999';
  if (endMs === null) return 'end_date: must be a day of the years 1 to 9999';
  if (endMs <= startMs) return 'end_date: must be after start_date';
  if (endMs > addCivil(startMs, 12, 'months', timezone)) {
    return 'end_date: must be at most a year after start_date';
  }
  return { startMs, endMs };
}
