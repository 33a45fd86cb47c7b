import type {
  LeaseAnswer,
  LeaseListQuery,
  LeasePage,
  LeaseRef,
  LeaseView,
  OpenLease,
  RenewLease,
} from '@orbit/contracts';

/** Leases, which wallet-ledger keeps. Errors: OrbitError `unavailable`, `timeout`, or what the ledger throws. */
export interface Leases {
  open(lease: OpenLease): Promise<LeaseAnswer>;
  renew(renewal: RenewLease): Promise<LeaseAnswer>;
  close(lease: LeaseRef): Promise<LeaseAnswer>;
  read(lease: LeaseRef): Promise<LeaseView | null>;
  list(query: LeaseListQuery): Promise<LeasePage>;
}
