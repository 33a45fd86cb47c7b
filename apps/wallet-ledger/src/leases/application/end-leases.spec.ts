// Goal: nothing returns before the ledger has read what was sent, whoever closed the lease, and one lease that cannot
// end keeps no other. Method: leases and a log in memory, a clock that tests move.
import { frozenClock } from '@orbit/testing';
import { micros } from '@orbit/money';
import { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Escrow, Wallet } from '../../books/domain/wallet.js';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { ChangeCommand } from '../../books/application/commands.js';
import { EndLeases } from './end-leases.js';
import type { LeaseRecord } from './lease-ports.js';

const NOW = Date.UTC(2026, 4, 16);
const key = { organizationId: 'org_1', currency: 'USD' } as const;
const lease = (escrowId: string, changes: Partial<Escrow>): Escrow => ({
  walletNo: 1n,
  escrowId,
  kind: 'lease',
  state: 'open',
  reference: `lease:${escrowId}`,
  holder: null,
  grantedMicros: micros(10n),
  spentMicros: micros(0n),
  slices: [{ blockSequence: null, amountMicros: micros(10n) }],
  openedAtMs: NOW,
  expiresAtMs: NOW + 60_000,
  closedAtMs: null,
  ...changes,
});

class World {
  readonly clock = frozenClock(NOW);
  readonly leases = new Map<string, Escrow>();
  readonly failing = new Set<string>();
  end = 5n;
  committed = 5n;
  asked = 0;
  readonly endLeases: EndLeases;

  constructor(...leases: Escrow[]) {
    for (const one of leases) this.leases.set(one.escrowId, one);
    const records = (pick: (one: Escrow) => boolean): Promise<LeaseRecord[]> =>
      Promise.resolve([...this.leases.values()].filter(pick).map((one) => ({ key, lease: one })));
    const isHandled = (ends: ReadonlyMap<number, bigint>): Promise<boolean> =>
      Promise.resolve(this.committed >= (ends.get(0) ?? 0n));
    this.endLeases = new EndLeases(
      { change: (command: ChangeCommand) => this.change(command) } as unknown as ChangeWallet,
      {
        find: () => Promise.resolve(null),
        list: () => Promise.resolve([]),
        listOverdue: (nowMs) =>
          records(({ state, expiresAtMs }) => state === 'open' && (expiresAtMs ?? 0) <= nowMs),
        listClosing: () => records(({ state }) => state === 'closing'),
      },
      {
        readEnds: () => {
          this.asked += 1;
          return Promise.resolve(new Map([[0, this.end]]));
        },
        isHandled,
        waitUntilHandled: isHandled,
      },
      this.clock,
      { closeWaitMs: 1, lateChargeMs: 5_000 },
    );
  }

  stateOf(escrowId: string): string | undefined {
    return this.leases.get(escrowId)?.state;
  }

  private async change(command: ChangeCommand): Promise<void> {
    const [escrowId = ''] = command.reads.escrows ?? [];
    if (this.failing.has(escrowId)) throw new Error('cannot be written');
    const draft = new WalletDraft({ walletNo: 1n, blocks: [], escrows: [] } as unknown as Wallet);
    command.apply(draft, {
      nowMs: this.clock.nowMs(),
      realMs: this.clock.nowMs(),
      isGranted: false,
      entriesOf: () => [],
      escrowsOf: () => [],
      takenOf: () => [],
      escrowOf: (id) => this.leases.get(id),
      fundingOf: () => undefined,
    });
    for (const escrow of draft.changedEscrows()) this.leases.set(escrow.escrowId, escrow);
    await Promise.resolve();
  }
}

test('a lease that its owner closed is closed when everything before the noted ends is read', async () => {
  const world = new World(lease('a', { state: 'closing' }));
  world.committed = 4n;
  expect(await world.endLeases.run()).toBe(0);
  // What is sent later is not waited for.
  world.end = 9n;
  world.committed = 5n;
  expect(await world.endLeases.run()).toBe(1);
  expect(world.leases.get('a')).toMatchObject({ state: 'closed', slices: [] });
});

test('a lease whose owner died is closing at its end, and its ends are noted only when late charges are there', async () => {
  const world = new World(lease('a', { expiresAtMs: NOW }));
  expect(await world.endLeases.run()).toBe(1);
  expect(world.stateOf('a')).toBe('closing');
  world.clock.advance(4_999);
  expect(await world.endLeases.run()).toBe(0);
  expect(world.asked).toBe(0);
  world.clock.advance(1);
  world.end = 7n;
  expect(await world.endLeases.run()).toBe(0);
  world.committed = 7n;
  expect(await world.endLeases.run()).toBe(1);
  expect(world.stateOf('a')).toBe('closed');
});

test('many leases ask Kafka once, and one that fails keeps no other', async () => {
  const world = new World(...['a', 'b', 'c'].map((id) => lease(id, { state: 'closing' })));
  world.failing.add('a');
  await expect(world.endLeases.run()).rejects.toThrow('cannot be written');
  expect(['a', 'b', 'c'].map((id) => world.stateOf(id))).toEqual(['closing', 'closed', 'closed']);
  expect(world.asked).toBe(1);
});

test('closing by hand answers the closed lease, or null while charges are unread', async () => {
  const world = new World(lease('a', { state: 'closing' }));
  world.committed = 0n;
  expect(await world.endLeases.finishSoon(key, 'a')).toBeNull();
  world.committed = 5n;
  expect(await world.endLeases.finishSoon(key, 'a')).toMatchObject({ state: 'closed' });
});
