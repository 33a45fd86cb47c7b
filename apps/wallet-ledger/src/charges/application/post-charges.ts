import {
  ALLOWANCE_KEY,
  allowanceChargeId,
  allowanceShare,
  allowanceUnitOf,
  coveredUnits,
  currencyOf,
  inMoney,
  isAllowanceUnit,
  namedShare,
  namesShare,
  readAllowance,
  splitOf,
  unitMicros,
  walletShare,
  withoutShare,
  type AllowanceUnit,
} from '@orbit/allowances';
import { invariant } from '@orbit/kernel';
import { isIsoCurrency, micros, type Micros } from '@orbit/money';
import { decideCharge } from '../domain/charge.js';
import { chargeReference } from '../../books/domain/identifiers.js';
import type { Allowances, BookedCharge } from './allowance-ports.js';
import type {
  ChangeCommand,
  ChargeCommand,
  CommandResult,
} from '../../books/application/commands.js';
import { eventsOf, isPassedOn } from '../../books/application/ledger-events.js';
import type { PostBatch } from '../../books/application/post-batch.js';

/** How a charge is paid: by the wallet it names, by the allowance, or by both. */
interface Payment {
  readonly command: ChargeCommand;
  /** The whole charge in units of the allowance; taken if there is room. */
  readonly inAllowance?: ChangeCommand;
  /** The wallet's part beside the allowance. */
  readonly walletShare?: ChargeCommand;
}

const nameOf = ({ key, charge }: ChargeCommand): string =>
  `${key.organizationId} ${charge.chargeId}`;
/** Of the part that a plan pays; no charge has this name when there is none. */
const partNameOf = ({ key, charge }: ChargeCommand): string =>
  `${key.organizationId} ${allowanceChargeId(charge.chargeId) ?? ''}`;

/**
 * Posts charges, those that came without an authorization from what a plan includes first (decision 0012). Charges of
 * organizations that never had a plan go to the books as they came: nothing more is asked for them.
 *
 * A charge that both pay goes in two steps, the wallet's rest first: once that is booked, its entry says what the plan
 * pays, so that a batch that is read again goes on from there. An authorized one has both parts held: one step.
 */
export class PostCharges {
  constructor(
    private readonly postBatch: Pick<PostBatch, 'run'>,
    private readonly allowances: Allowances,
  ) {}

  /** One result per command, in order: what became of the charge where it was paid. Errors: as PostBatch. */
  async run(asked: readonly ChargeCommand[], claimId: string): Promise<readonly CommandResult[]> {
    const commands = asked.map(withOwnShareOnly);
    const known = commands.filter(({ key }) => this.allowances.has(key.organizationId));
    // The usual batch: nobody in it ever had a plan, as far as is known.
    if (known.length === 0 && !commands.some(namesShareOf)) return this.book(commands, claimId);
    const payments = known.length === 0 ? new Map<string, Payment>() : await this.paymentsOf(known);
    const wholes = [...payments.values()].flatMap(({ inAllowance }) => inAllowance ?? []);
    const byPlan = wholes.length === 0 ? [] : await this.postBatch.run(wholes, claimId);
    const paid = new Map<string | null, CommandResult>();
    wholes.forEach(({ key, reference }, index) => {
      const result = byPlan[index];
      if (result?.status === 'booked') paid.set(`${key.organizationId} ${reference}`, result);
    });
    const results = commands.map(({ key, charge }) =>
      paid.get(`${key.organizationId} ${chargeReference(charge.chargeId)}`),
    );
    const left = commands.filter((_, index) => results[index] === undefined);
    const booked = await this.byWallet(left, payments, claimId);
    let next = 0;
    return results.map((result) => {
      const own = result ?? booked[next++];
      invariant(own, 'every charge has a result');
      return own;
    });
  }

  private async byWallet(
    commands: readonly ChargeCommand[],
    payments: ReadonlyMap<string, Payment>,
    claimId: string,
  ): Promise<readonly CommandResult[]> {
    if (commands.length === 0) return [];
    const asked = commands.map((command) => {
      const payment = payments.get(nameOf(command));
      return payment === undefined ? command : (payment.walletShare ?? payment.command);
    });
    const parts = asked.map((command) => (command.charge.isAuthorized ? partOf(command) : null));
    const all = [...asked, ...parts.filter((part) => part !== null)];
    const results = (await this.book(all, claimId)).slice(0, asked.length);
    const owed = asked.flatMap((command, index) => {
      const isRest = !command.charge.isAuthorized && results[index]?.status === 'booked';
      return (isRest && partOf(command)) || [];
    });
    if (owed.length > 0) await this.postBatch.run(owed, claimId);
    return results;
  }

  /**
   * Authorized units that the allowance does not have are charged in money: nobody can owe units, and what was sent is
   * sent. Both parts of a split charge may come to that. One step more, for what hardly ever happens (decision 0026).
   */
  private async book(
    commands: readonly ChargeCommand[],
    claimId: string,
  ): Promise<readonly CommandResult[]> {
    const inMoneyToo = commands.map(moneyOf);
    const asked = commands.map((command, at) =>
      inMoneyToo[at] === null ? command : { ...command, fallsBack: true as const },
    );
    const results = await this.postBatch.run(asked, claimId);
    const unpaid = new Map<ChargeCommand, ChargeCommand>();
    for (const [at, command] of asked.entries()) {
      const [result, money] = [results[at], inMoneyToo[at]];
      if (result && money && isPassedOn(command, result)) unpaid.set(command, money);
    }
    if (unpaid.size === 0) return results;
    const paid = await this.postBatch.run([...unpaid.values()], claimId);
    const paidOf = new Map([...unpaid.keys()].map((command, at) => [command, paid[at]]));
    return results.map((result, at) => {
      const command = asked[at];
      return (command && paidOf.get(command)) ?? result;
    });
  }

  /** By name: the same charge twice in a batch goes one way. */
  private async paymentsOf(
    commands: readonly ChargeCommand[],
  ): Promise<ReadonlyMap<string, Payment>> {
    const named = commands.flatMap(({ key: { organizationId }, charge: { chargeId, channel } }) => {
      const partId = allowanceUnitOf(channel) === null ? null : allowanceChargeId(chargeId);
      const own = { organizationId, chargeId };
      return partId === null ? [own] : [own, { organizationId, chargeId: partId }];
    });
    const booked = new Map<string, BookedCharge>();
    for (const one of await this.allowances.findBooked(named)) {
      booked.set(`${one.organizationId} ${one.chargeId}`, one);
    }
    const left = new Map<string, Micros>();
    const payments = new Map<string, Payment>();
    // Of two messages of one charge the authorized one counts: it has a hold, and says which wallet pays.
    const isLater = ({ charge }: ChargeCommand): number => (charge.isAuthorized ? 0 : 1);
    for (const original of [...commands].sort((a, b) => isLater(a) - isLater(b))) {
      const name = nameOf(original);
      if (payments.has(name)) continue;
      const first = booked.get(name);
      const isPartAlone =
        first?.status !== 'booked' && booked.get(partNameOf(original))?.status === 'booked';
      // Captured in part, and the plan paid all of that: its id has been used.
      if (isPartAlone) payments.set(name, { command: { ...original, isIdUsed: true } });
      else if (first !== undefined) payments.set(name, asFirstPaid(original, first));
      else payments.set(name, await this.firstPayment(original, left));
    }
    return payments;
  }

  private async firstPayment(original: ChargeCommand, left: Map<string, Micros>): Promise<Payment> {
    const { key, charge } = original;
    const unit = unitFor(original);
    if (unit === null) return { command: original };
    const command = withoutShareOf(original);
    const pool = { organizationId: key.organizationId, currency: currencyOf(unit) };
    const poolName = `${key.organizationId} ${unit}`;
    const available = left.get(poolName) ?? (await this.allowances.availableMicros(pool));
    const covered = coveredUnits(available, charge.quantity);
    const isWhole = covered === charge.quantity;
    const split = splitOf(command.charge, unit, covered);
    const rest = isWhole ? null : walletShare(command.charge, key.currency, split);
    left.set(poolName, micros(available - (isWhole || rest ? unitMicros(covered) : 0n)));
    if (isWhole) return { command, inAllowance: inAllowance(command, unit) };
    return rest === null ? { command } : { command, walletShare: { ...command, charge: rest } };
  }
}

const namesShareOf = ({ charge }: ChargeCommand): boolean => namesShare(charge);

/** Null: what plans include does not pay it. */
function unitFor({ key, charge }: ChargeCommand): AllowanceUnit | null {
  if (charge.isAuthorized || charge.leaseId !== null || !isIsoCurrency(key.currency)) return null;
  return allowanceUnitOf(charge.channel);
}

/** The key is ours: whoever writes it into a charge without authorization, or of a lease, means nothing by it. */
const withOwnShareOnly = (command: ChargeCommand): ChargeCommand =>
  command.charge.isAuthorized || !namesShareOf(command) ? command : withoutShareOf(command);

const withoutShareOf = (command: ChargeCommand): ChargeCommand => ({
  ...command,
  charge: withoutShare(command.charge),
});

/**
 * A charge that is in the books is paid once more where it was paid: so it is found there, and its result is
 * published again.
 */
function asFirstPaid(original: ChargeCommand, first: BookedCharge): Payment {
  const { key, charge } = original;
  if (first.status === 'rejected') {
    // Perhaps it was the rest of it that was rejected.
    const isSame = unitFor(original) !== null && first.currency === key.currency;
    const { amountMicros } = first;
    return { command: isSame ? { ...original, charge: { ...charge, amountMicros } } : original };
  }
  const unit = unitFor(original);
  if (first.currency !== key.currency) {
    if (unit !== null && currencyOf(unit) === first.currency) {
      return { command: original, inAllowance: inAllowance(withoutShareOf(original), unit) };
    }
    const { currency, amountMicros } = first;
    const there = { ...withoutShare(charge), amountMicros };
    return { command: { ...original, key: { ...key, currency }, charge: there } };
  }
  const part = readAllowance(first.metadata[ALLOWANCE_KEY]);
  if (part === null || unit === null || part.quantity >= charge.quantity) {
    return { command: original };
  }
  const split = splitOf(charge, part.unit, part.quantity);
  const rest = walletShare(withoutShare(charge), key.currency, split);
  return rest === null
    ? { command: original }
    : { command: original, walletShare: { ...original, charge: rest } };
}

/** Taken whole, or not at all: the hold of somebody else is not for it. */
function inAllowance(
  { key, charge: priced, replyTo, trace }: ChargeCommand,
  unit: AllowanceUnit,
): ChangeCommand {
  const charge = allowanceShare(priced, key.currency, splitOf(priced, unit, priced.quantity));
  const own: ChargeCommand = {
    kind: 'charge',
    key: { ...key, currency: currencyOf(unit) },
    charge,
    replyTo,
  };
  return {
    kind: 'change',
    ...(trace && { trace }),
    key: own.key,
    reference: chargeReference(charge.chargeId),
    isReadAgain: true,
    reads: {},
    claims: () => charge.amountMicros,
    apply: (draft, { isGranted, nowMs }) => {
      const outcome = decideCharge(draft, charge, isGranted, nowMs);
      if (outcome.status === 'posted') return { status: 'changed', entries: outcome.entries };
      return { status: 'refused', reason: 'insufficient_funds' };
    },
    events: (wallet, entries) =>
      eventsOf(own, { status: 'booked', wallet, entries, isReplay: false }).filter(
        ({ topic }) => topic === 'charge.posted',
      ),
  };
}

/**
 * The same charge in money, as one without authorization, because none of that money was held; null where it is in
 * money, or where there is nothing to fall back on.
 */
function moneyOf(command: ChargeCommand): ChargeCommand | null {
  const { key, charge } = command;
  if (!charge.isAuthorized || !isAllowanceUnit(key.currency)) return null;
  const money = inMoney(charge);
  if (money === null) return null;
  const raw = { ...money.charge, isAuthorized: false };
  return { ...command, key: { ...key, currency: money.currency }, charge: raw };
}

/** The plan's part of a charge that says that it has one. It was held, or its rest is booked: it always posts. */
function partOf({ key, charge, trace }: ChargeCommand): ChargeCommand | null {
  const own = namedShare(charge);
  if (own === null) return null;
  const currency = currencyOf(own.part.unit);
  return {
    kind: 'charge',
    ...(trace && { trace }),
    key: { ...key, currency },
    charge: { ...own.charge, isAuthorized: true },
    replyTo: null,
  };
}
