import type { ChargeRejection } from '@orbit/contracts';
import type { Micros } from '@orbit/money';
import type { TraceHeaders } from '@orbit/runtime';
import { chargeReference } from '../domain/identifiers.js';
import type { WalletDraft } from '../domain/wallet-draft.js';
import type {
  ChangeOutcome,
  ChangeRefusal,
  Charge,
  Credit,
  Entry,
  Escrow,
  LeaseFunding,
  Wallet,
} from '../domain/wallet.js';
import { walletKey, type BesideWrite, type LedgerEvent, type WalletKey } from './ports.js';

/** The fields that every command may have. */
interface Traced {
  /** Goes into the headers of the events that it leads to. */
  readonly trace?: TraceHeaders;
}

export interface ChargeCommand extends Traced {
  readonly kind: 'charge';
  readonly key: WalletKey;
  readonly charge: Charge;
  /** Redis channel on which somebody waits for the outcome; null when nobody does. */
  readonly replyTo: string | null;
  /** Its id is booked as something else, in another wallet: it is a conflict unless this wallet knows it. */
  readonly isIdUsed?: true;
  /** Another wallet is asked when this one does not cover it: then the refusal is not published. */
  readonly fallsBack?: true;
}

export interface CreditCommand extends Traced {
  readonly kind: 'credit';
  readonly key: WalletKey;
  readonly credit: Credit;
}

/** The facts that a change may read besides the wallet. */
export interface ChangeContext {
  /** Of the wallet's account. */
  readonly nowMs: number;
  /** Real time, of leases. */
  readonly realMs: number;
  /** Entries that were booked earlier under a reference which the command named in `reads`. */
  entriesOf(reference: string): readonly Entry[];
  /** An escrow that the command named in `reads`, closed ones too. */
  escrowOf(idOrReference: string): Escrow | undefined;
  /** Refunds and disputes of a payment that the command named in `reads`, ended ones too. */
  escrowsOf(payment: string): readonly Escrow[];
  /** Entries that took from the block of a payment that the command named in `reads`, and clawbacks that used it. */
  takenOf(blockSequence: bigint): readonly Entry[];
  /** A grant of a lease under a reference that the command named in `reads`. */
  fundingOf(reference: string): LeaseFunding | undefined;
  /** Redis, which also knows the open holds, had room for what the command claims. */
  readonly isGranted: boolean;
}

/** Any other change of one wallet, decided by a function of the domain. */
export type RefusedFields = Partial<Record<ChangeRefusal, string>>;

export interface ChangeCommand extends Traced {
  readonly kind: 'change';
  readonly key: WalletKey;
  /** Booked once per reference: when entries stand under it, they are answered and nothing happens. Null: no such check. */
  readonly reference: string | null;
  /** Fields of the request that a refusal is about, where they have another name than `refusalError` gives them. */
  readonly fields?: RefusedFields;
  readonly reads: {
    /** References whose entries, and the blocks these name, `apply` must see. */
    readonly references?: readonly string[];
    /** Blocks that `apply` must see even when nothing is left of them. */
    readonly blocks?: readonly bigint[];
    /** Escrows, by id or reference, that `apply` must see even when they are closed. */
    readonly escrows?: readonly string[];
    /**
     * Payments, by reference, whose refunds and disputes `apply` must see, ended ones too, and what was taken back of
     * them; the reference stands among `references` as well.
     */
    readonly payments?: readonly string[];
    /** References of lease fundings that `apply` must see. */
    readonly grants?: readonly string[];
  };
  /**
   * The amount that the change takes out of the pot that holds take from: it is claimed in Redis before `apply`
   * decides, so that nobody else authorizes it meanwhile. Zero or absent: nothing. Pure.
   */
  readonly claims?: (wallet: Wallet, context: Omit<ChangeContext, 'isGranted'>) => Micros;
  /** Pure. */
  readonly apply: (draft: WalletDraft, context: ChangeContext) => ChangeOutcome;
  /** The rows that its feature keeps in the same transaction; not asked for when the reference was booked before. */
  readonly beside?: (entries: readonly Entry[]) => readonly BesideWrite[];
  /**
   * A message of Kafka asks for it, which is read again until all its events are out, and then finds its reference
   * booked. Any other change keeps its events in the outbox: nobody need ask for it twice.
   */
  readonly isReadAgain?: true;
  /** The events that it publishes; ids are stable, so that a repeat publishes the same. */
  readonly events?: (wallet: Wallet, entries: readonly Entry[]) => readonly LedgerEvent[];
}

/** A command that a batch brings to the ledger. */
export type LedgerCommand = ChargeCommand | CreditCommand | ChangeCommand;

/** The part of a wallet that a result carries: names and policies; its balance is in the entries. */
export type WalletIdentity = Pick<
  Wallet,
  'walletNo' | 'walletId' | 'organizationId' | 'currency' | 'lowBalanceMicros' | 'overdraftMicros'
>;

/** The result of a command. `isReplay`: decided by an earlier delivery, answered the same again. */
export type CommandResult =
  | {
      readonly status: 'booked';
      readonly wallet: WalletIdentity;
      readonly entries: readonly Entry[];
      readonly isReplay: boolean;
    }
  | {
      readonly status: 'rejected';
      readonly wallet: WalletIdentity;
      readonly reason: ChargeRejection;
      readonly atMs: number;
      readonly isReplay: boolean;
    }
  | { readonly status: 'refused'; readonly reason: ChangeRefusal };

/** Idempotency key of a command within its wallet. */
export function referenceOf(command: LedgerCommand): string | null {
  switch (command.kind) {
    case 'charge':
      return chargeReference(command.charge.chargeId);
    case 'credit':
      return command.credit.reference;
    case 'change':
      return command.reference;
  }
}

/** A command of a group. */
export interface ClaimedCommand {
  readonly command: LedgerCommand;
  /** `walletKey` of its wallet, made once: everything is found by it. */
  readonly wallet: string;
  /** Names the reader that it came through; what the reader claims of a wallet stands under it. */
  readonly claimId: string;
  readonly trace: TraceHeaders | undefined;
}

/** `trace`: of whoever asks, for a command that names none. */
export const claimedCommand = (
  command: LedgerCommand,
  claimId: string,
  trace?: TraceHeaders,
): ClaimedCommand => ({
  command,
  wallet: walletKey(command.key),
  claimId,
  trace: command.trace ?? trace,
});

/** A claim belongs to one reader and one wallet. */
export const claimKey = (claimId: string, wallet: string): string => `${claimId} ${wallet}`;

/** Names the room that a change claims; has a space, which no charge id has. */
export const changeClaim = (index: number): string => `change #${index}`;
