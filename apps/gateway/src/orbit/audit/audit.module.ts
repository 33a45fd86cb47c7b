import { instances, type Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../../gateway.ports.js';
import { AuditController } from './audit.controller.js';
import { ReadAudit } from './read-audit.js';

/** The trail of changes, as operators read it; edge/audit writes it. */
export const auditFeature = ({ audit }: Pick<GatewayPorts, 'audit'>): Feature => ({
  controllers: [AuditController],
  providers: instances(new ReadAudit(audit)),
});
