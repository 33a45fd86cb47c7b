import { invariant } from '@orbit/kernel';
import { isTaking } from '../domain/entry-kinds.js';
import { timesOf } from '../domain/times.js';
import type { WalletDraft } from '../domain/wallet-draft.js';
import { isClawback, type Escrow, type Wallet } from '../domain/wallet.js';
import type { ChangeCommand, ChangeContext } from './commands.js';
import { bookedUnder, type GroupRead } from './read-group.js';

/**
 * The facts that a change may look up before the group is decided: those named in its `reads`, as the books have
 * them.
 */
export function lookupsOf(
  { known, closed, taken, leaseFundings, nowMs }: GroupRead,
  wallet: Wallet,
  reads: ChangeCommand['reads'],
): Omit<ChangeContext, 'isGranted'> {
  const { walletNo } = wallet;
  const { accountMs, realMs } = timesOf(wallet, nowMs);
  return {
    nowMs: accountMs,
    realMs,
    entriesOf: (reference) => {
      invariant(
        reads.references?.includes(reference),
        'a change reads the references that it named',
      );
      return bookedUnder(known, { walletNo, reference });
    },
    escrowOf: (idOrReference) => {
      const isIt = isNamed(idOrReference);
      return (
        wallet.escrows.find(isIt) ??
        closed.find((escrow) => escrow.walletNo === walletNo && isIt(escrow))
      );
    },
    escrowsOf: (payment) => {
      const ended = closed.filter((escrow) => escrow.walletNo === walletNo);
      return distinct([...wallet.escrows, ...ended]).filter(isClawbackOn(payment));
    },
    takenOf: (sequence) =>
      taken.filter((entry) => entry.walletNo === walletNo && entry.blockSequence === sequence),
    fundingOf: (reference) =>
      leaseFundings.find((grant) => grant.walletNo === walletNo && grant.reference === reference),
  };
}

/** The same once earlier commands of the group are decided: what they did to the draft is seen too, and comes first. */
export function lookupsAfter(
  draft: WalletDraft,
  before: Omit<ChangeContext, 'isGranted'>,
): Omit<ChangeContext, 'isGranted'> {
  return {
    ...before,
    entriesOf: (reference) => {
      const booked = draft.entries.filter((entry) => entry.reference === reference);
      return [...before.entriesOf(reference), ...booked];
    },
    escrowOf: (idOrReference) =>
      draft.changedEscrows().find(isNamed(idOrReference)) ?? before.escrowOf(idOrReference),
    escrowsOf: (payment) =>
      distinct([
        ...draft.changedEscrows().filter(isClawbackOn(payment)),
        ...before.escrowsOf(payment),
      ]),
    takenOf: (sequence) => {
      const booked = draft.entries.filter((entry) => entry.blockSequence === sequence);
      return [...before.takenOf(sequence), ...booked.filter(isTaking)];
    },
    fundingOf: (reference) =>
      draft.fundings.find((grant) => grant.reference === reference) ?? before.fundingOf(reference),
  };
}

const isNamed =
  (idOrReference: string) =>
  ({ escrowId, reference }: Escrow): boolean =>
    escrowId === idOrReference || reference === idOrReference;

const isClawbackOn =
  (payment: string) =>
  (escrow: Escrow): boolean =>
    isClawback(escrow) && escrow.holder === payment;

/** The first of each id. */
const distinct = (escrows: readonly Escrow[]): Escrow[] => [
  ...new Map([...escrows].reverse().map((escrow) => [escrow.escrowId, escrow])).values(),
];
