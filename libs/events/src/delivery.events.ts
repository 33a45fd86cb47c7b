import { CHARGE_ID_PATTERN, instant, object, organizationId } from './schema.js';

/** Fact: what became of a send. The latest report of a charge counts. */
export interface DeliveryReported {
  readonly organization_id: string;
  readonly charge_id: string;
  readonly status: 'delivered' | 'failed';
  readonly occurred_at: string;
}

export const deliveryReportedSchema = object({
  organization_id: organizationId,
  charge_id: { type: 'string', pattern: CHARGE_ID_PATTERN },
  status: { enum: ['delivered', 'failed'] },
  occurred_at: instant,
});
