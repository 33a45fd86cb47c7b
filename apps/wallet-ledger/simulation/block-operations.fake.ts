import { OrbitError } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { micros } from '@orbit/money';
import { ChangeBlock } from '../src/blocks/application/change-block.js';
import { refusalError, type ChangeWallet } from '../src/books/application/change-wallet.js';
import type { ChangeCommand } from '../src/books/application/commands.js';
import { walletKey, type WalletKey } from '../src/books/application/ports.js';
import { isTaking } from '../src/books/domain/entry-kinds.js';
import { addUpTaken, withdrawnLeft } from '../src/payments/domain/taken-back.js';
import { blockId } from '../src/books/domain/identifiers.js';
import { isClawback, type Block } from '../src/books/domain/wallet.js';
import type { Operation } from './operation.fake.js';
import type { World } from './world.fake.js';

/** What a service asks of the ledger, by way of the simulated one; the application around it is the real one. */
export function changesOf(world: World): ChangeWallet {
  const changes = {
    async change(command: ChangeCommand) {
      const result = await world.change(walletKey(command.key), command);
      if (result.status === 'refused') throw refusalError(result.reason);
      invariant(result.status === 'booked', 'a change is booked or refused');
      return result;
    },
    load: (key: WalletKey) =>
      Promise.resolve({ recovering: world.available(walletKey(key)) === null }),
  };
  return changes as unknown as ChangeWallet;
}

function changeBlockOf(world: World): ChangeBlock {
  const entriesOf = (walletNo: bigint) => world.store.entries.get(walletNo) ?? [];
  const reader = {
    findKey: (organizationId: string, walletNo: bigint) => {
      const name = world.names.find((one) => world.wallet(one).walletNo === walletNo);
      const key = name === undefined ? null : world.keyOf(name);
      return Promise.resolve(key?.organizationId === organizationId ? key : null);
    },
    listPayments: (walletNo: bigint, sequences: readonly bigint[]) => {
      const entries = sequences.map((sequence) => entriesOf(walletNo)[Number(sequence) - 1]);
      const paid = entries.filter((entry) => entry?.type === 'topup');
      return Promise.resolve(paid.flatMap((entry) => entry?.reference ?? []));
    },
    listAll: () => Promise.reject(new Error('not asked')),
    listRepaying: () => Promise.resolve([]),
  };
  const freeCredit = { availableOf: () => Promise.resolve(null) };
  return new ChangeBlock(changesOf(world), reader, { nowMs: () => world.nowMs }, freeCredit);
}

/** Mostly one with something left. */
function anyBlock(world: World, name: string): Block | undefined {
  const { walletNo } = world.wallet(name);
  const all = [...(world.store.blocks.get(walletNo)?.values() ?? [])].slice(-40);
  const left = all.filter(({ remainingMicros }) => remainingMicros > 0n);
  const from = left.length > 0 && world.random.chance(0.9) ? left : all;
  return from[world.random.integer(0, Math.max(0, from.length - 1))];
}

async function changeAny(
  world: World,
  change: (
    blocks: ChangeBlock,
    block: Block,
    request: Parameters<ChangeBlock['void']>[0],
  ) => Promise<unknown>,
): Promise<void> {
  const name = world.random.pick(world.names as [string, ...string[]]);
  const block = anyBlock(world, name);
  if (!block) return;
  const { organizationId } = world.keyOf(name);
  const { walletNo } = world.wallet(name);
  const request = {
    organizationId,
    blockId: blockId(walletNo, block.sequence),
    reference: world.id('op_'),
    reason: 'simulated',
  };
  try {
    await change(changeBlockOf(world), block, request);
  } catch (error) {
    // What it does not fit is refused, and changes nothing; the checks after each step see to that.
    if (!(error instanceof OrbitError)) throw error;
  }
}

const voidAny = (world: World): Promise<void> =>
  changeAny(world, (blocks, _, request) => blocks.void(request));

function amendAny(world: World): Promise<void> {
  return changeAny(world, (blocks, { amountMicros, remainingMicros }, request) => {
    const isLess = world.random.chance(0.7);
    const change = BigInt(
      world.random.integer(1, isLess ? Number(remainingMicros) || 1 : 9_000_000),
    );
    const wanted = isLess ? amountMicros - change : amountMicros + change;
    return wanted > 0n ? blocks.amend(request, micros(wanted)) : Promise.resolve();
  });
}

function extendAny(world: World): Promise<void> {
  const untilMs = world.nowMs + world.random.integer(1, 3 * 86_400_000);
  return changeAny(world, (blocks, _, request) =>
    blocks.extend(request, untilMs, world.random.chance(0.5)),
  );
}

export const blockOperations: readonly Operation[] = [
  { name: 'void', weight: 0.7, run: voidAny },
  { name: 'amend', weight: 1.5, run: amendAny },
  { name: 'extend', weight: 0.5, run: extendAny },
];

/** Payments of a wallet that something was claimed back of. */
export function claimedPayments(world: World, name: string): readonly string[] {
  const escrows = [...(world.store.escrows.get(world.wallet(name).walletNo)?.values() ?? [])];
  const claimed = escrows.filter((escrow) => isClawback(escrow) && escrow.spentMicros > 0n);
  return [...new Set(claimed.flatMap(({ holder }) => holder ?? []))];
}

/** Of what left a voided block nothing is kept while other credit or debt has paid for claims on its payment. */
function checkRegained(world: World, name: string): void {
  const { walletNo } = world.wallet(name);
  const entries = world.store.entries.get(walletNo) ?? [];
  const escrows = [...(world.store.escrows.get(walletNo)?.values() ?? [])];
  for (const reference of claimedPayments(world, name)) {
    const payment = entries.find(
      (entry) => entry.type === 'topup' && entry.reference === reference,
    );
    const block = payment && world.store.blocks.get(walletNo)?.get(payment.sequence);
    if (!block || block.voidedAtMs === null) continue;
    const claims = escrows.filter(({ holder }) => holder === reference);
    const spent = claims.reduce((sum, { spentMicros }) => sum + spentMicros, 0n);
    const taken = addUpTaken(
      entries.filter((one) => one.blockSequence === block.sequence && isTaking(one)),
      reference,
    );
    const { withdrawnUsedMicros, expiredUsedMicros, ownUsedMicros } = taken;
    const others = spent - withdrawnUsedMicros - expiredUsedMicros - ownUsedMicros;
    invariant(
      others === 0n || withdrawnLeft(taken) === 0n,
      `${reference} was voided, and claimed back of other credit too`,
    );
  }
}

/** A claim makes debt, or takes other credit, only when nothing of what was taken back of its payment is left. */
export function checkTakenOnce(world: World, counts: Map<string, number>): void {
  for (const name of world.names) {
    checkRegained(world, name);
    const entries = world.store.entries.get(world.wallet(name).walletNo) ?? [];
    const payments = new Map<unknown, bigint>();
    for (const entry of entries) {
      const { type, from, to, blockSequence, reference, sequence, metadata } = entry;
      if (type === 'topup') payments.set(reference, sequence);
      if (to !== 'refunds' && to !== 'disputes') continue;
      if (from === 'adjustments' || from === 'breakage') {
        counts.set(`claimed of ${from}`, (counts.get(`claimed of ${from}`) ?? 0) + 1);
        if (reference.endsWith(`:${sequence}`)) {
          counts.set('regained', (counts.get('regained') ?? 0) + 1);
        }
      }
      const own = payments.get(metadata?.['payment']);
      if (from !== 'wallet' || own === undefined || blockSequence === own) continue;
      const before = entries.slice(0, Number(sequence) - 1);
      const taken = before.filter((one) => one.blockSequence === own && isTaking(one));
      invariant(
        withdrawnLeft(addUpTaken(taken, String(metadata?.['payment']))) === 0n,
        `${reference} took what had been taken back of its payment before`,
      );
    }
  }
}
