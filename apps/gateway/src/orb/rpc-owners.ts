import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import type { Rpc } from '../edge/rpc/rpc-services.js';
import type { OrbOwner, OrbOwners } from '../organizations/customers/customer-ports.js';

/** Owners of operations of /v1, at their RPC. */
export class RpcOwners implements OrbOwners {
  constructor(private readonly services: Readonly<Record<OrbOwner, Rpc>>) {}

  call(owner: OrbOwner, operation: string, call: OrbCall): Promise<OrbAnswer> {
    return this.services[owner].call(orbPattern(operation), call);
  }
}
