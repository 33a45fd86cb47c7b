import { CHARGE_ID_PATTERN } from '@orbit/events';
import { list, number, object, oneOf, text, type Static } from '../schema/shape.js';

const REPORTS_MAX = 1_000;

export const DeliveryReportBody = object(
  {
    charge_id: text({
      pattern: CHARGE_ID_PATTERN,
      says: 'is 1 to 255 visible ASCII characters, and not "." or ".."',
      example: 'sms_msg_01J9KP3R5W8YEQ4DXG6N7H2VKZ',
    }),
    status: oneOf(['delivered', 'failed']),
    occurred_at: text({
      format: 'event-instant',
      says: 'is an ISO 8601 instant with its zone, in the years 2000 to 2999',
      example: '2026-05-16T11:21:20.000Z',
    }),
  },
  { title: 'DeliveryReportBody' },
);
export type DeliveryReportBody = Static<typeof DeliveryReportBody>;

/** Reports of deliveries, as the public sends them; the gateway hands them on by `delivery.reported`. */
export const DeliveryReportsBody = object(
  { reports: list(DeliveryReportBody, { minItems: 1, maxItems: REPORTS_MAX }) },
  { title: 'DeliveryReportsBody' },
);
export type DeliveryReportsBody = Static<typeof DeliveryReportsBody>;

export const ReportsAccepted = object(
  { accepted: number({ example: 1 }) },
  { title: 'AcceptedModel' },
);
export type ReportsAccepted = Static<typeof ReportsAccepted>;
