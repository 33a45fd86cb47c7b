import { instances, type Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../../gateway.ports.js';
import { ReportDeliveries } from './report-deliveries.js';
import { UsageController } from './usage.controller.js';

/** Usage, and reports of what was delivered. */
export const usageFeature = ({
  deliveryReports,
}: Pick<GatewayPorts, 'deliveryReports'>): Feature => ({
  controllers: [UsageController],
  providers: instances(new ReportDeliveries(deliveryReports)),
});
