import type {
  Client,
  LeaseAnswer,
  LeasePage,
  LEASES,
  LeaseView,
  OpenLease,
} from '@orbit/contracts';

export const LEASE: LeaseView = {
  lease_id: 'lease_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B',
  organization_id: 'org_a',
  currency: 'USD',
  state: 'open',
  holder: null,
  granted: '25.00',
  spent: '10.0075',
  remaining: '14.9925',
  returned: '0.00',
  opened_at: '2026-05-16T12:00:00.000Z',
  expires_at: '2026-05-16T12:01:00.000Z',
  closed_at: null,
};

/** One lease, and what was asked about it. */
export class FakeLeases implements Client<typeof LEASES> {
  constructor(private readonly calls: { name: string; payload: unknown }[]) {}

  open(lease: OpenLease): Promise<LeaseAnswer> {
    return this.answer('lease.open', lease);
  }

  renew(renewal: object): Promise<LeaseAnswer> {
    return this.answer('lease.renew', renewal);
  }

  close(lease: object): Promise<LeaseAnswer> {
    return this.answer('lease.close', lease);
  }

  read(lease: { organization_id: string }): Promise<LeaseView | null> {
    this.calls.push({ name: 'lease.read', payload: lease });
    return Promise.resolve(lease.organization_id === LEASE.organization_id ? LEASE : null);
  }

  list(query: { limit: number }): Promise<LeasePage> {
    this.calls.push({ name: 'lease.list', payload: query });
    return Promise.resolve({ leases: [LEASE], has_more: query.limit === 1 });
  }

  private answer(name: string, payload: object): Promise<LeaseAnswer> {
    const isReplay = this.calls.some(
      (call) => call.name === name && JSON.stringify(call.payload) === JSON.stringify(payload),
    );
    this.calls.push({ name, payload });
    return Promise.resolve({ lease: LEASE, replayed: isReplay });
  }
}
