import type { DeliveryReports, Principal } from '../../edge/ports.js';

export interface DeliveryReport {
  readonly chargeId: string;
  readonly status: 'delivered' | 'failed';
  readonly occurredAt: string;
}

/** Hands delivery reports on. Whether a charge exists is for usage-metering to know: reports may overtake it. */
export class ReportDeliveries {
  constructor(private readonly deliveryReports: DeliveryReports) {}

  async run({ organizationId }: Principal, reports: readonly DeliveryReport[]): Promise<void> {
    await this.deliveryReports.publish(
      reports.map(({ chargeId, status, occurredAt }) => ({
        organization_id: organizationId,
        charge_id: chargeId,
        status,
        occurred_at: occurredAt,
      })),
    );
  }
}
