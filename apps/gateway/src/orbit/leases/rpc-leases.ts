import {
  LEASE_RPC,
  type LeaseAnswer,
  type LeaseListQuery,
  type LeasePage,
  type LeaseRef,
  type LeaseView,
  type OpenLease,
  type RenewLease,
} from '@orbit/contracts';
import type { Leases } from './lease-ports.js';
import type { Rpc } from '../../edge/rpc/rpc-services.js';

export class RpcLeases implements Leases {
  constructor(private readonly rpc: Rpc) {}

  open(lease: OpenLease): Promise<LeaseAnswer> {
    return this.rpc.call(LEASE_RPC.open, lease);
  }

  renew(renewal: RenewLease): Promise<LeaseAnswer> {
    return this.rpc.call(LEASE_RPC.renew, renewal);
  }

  close(lease: LeaseRef): Promise<LeaseAnswer> {
    return this.rpc.call(LEASE_RPC.close, lease);
  }

  read(lease: LeaseRef): Promise<LeaseView | null> {
    return this.rpc.call(LEASE_RPC.read, lease);
  }

  list(query: LeaseListQuery): Promise<LeasePage> {
    return this.rpc.call(LEASE_RPC.list, query);
  }
}
