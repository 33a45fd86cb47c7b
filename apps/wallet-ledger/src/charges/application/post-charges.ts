import {
  ALLOWANCE_KEY,
  allowanceChargeId,
  allowanceUnitOf,
  readAllowance,
  type AllowanceUnit,
} from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { isIsoCurrency, micros, type Currency, type Micros } from '@orbit/money';
import {
  besidePlan,
  inMoney,
  inUnits,
  isAllowance,
  MICROS_PER_UNIT,
  planPart,
  unitsOf,
} from '../domain/allowance.js';
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
interface Way {
  readonly command: ChargeCommand;
  /** The whole charge in units of the allowance; taken if there is room. */
  readonly whole?: ChangeCommand;
  /** What falls on the wallet beside the allowance. */
  readonly rest?: ChargeCommand;
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
    const commands = asked.map(withOwnPartOnly);
    const known = commands.filter(({ key }) => this.allowances.has(key.organizationId));
    // The usual batch: nobody in it ever had a plan, as far as is known.
    if (known.length === 0 && !commands.some(hasPart)) return this.book(commands, claimId);
    const ways = known.length === 0 ? new Map<string, Way>() : await this.waysOf(known);
    const wholes = [...ways.values()].flatMap(({ whole }) => whole ?? []);
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
    const booked = await this.byWallet(left, ways, claimId);
    let next = 0;
    return results.map((result) => {
      const own = result ?? booked[next++];
      invariant(own, 'every charge has a result');
      return own;
    });
  }

  private async byWallet(
    commands: readonly ChargeCommand[],
    ways: ReadonlyMap<string, Way>,
    claimId: string,
  ): Promise<readonly CommandResult[]> {
    if (commands.length === 0) return [];
    const asked = commands.map((command) => {
      const way = ways.get(nameOf(command));
      return way === undefined ? command : (way.rest ?? way.command);
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
  private async waysOf(commands: readonly ChargeCommand[]): Promise<ReadonlyMap<string, Way>> {
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
    const ways = new Map<string, Way>();
    // Of two messages of one charge the authorized one counts: it has a hold, and says which wallet pays.
    const isLater = ({ charge }: ChargeCommand): number => (charge.isAuthorized ? 0 : 1);
    for (const original of [...commands].sort((a, b) => isLater(a) - isLater(b))) {
      const name = nameOf(original);
      if (ways.has(name)) continue;
      const first = booked.get(name);
      const isPartAlone =
        first?.status !== 'booked' && booked.get(partNameOf(original))?.status === 'booked';
      // Captured in part, and the plan paid all of that: its id has been used.
      if (isPartAlone) ways.set(name, { command: { ...original, isIdUsed: true } });
      else if (first !== undefined) ways.set(name, asFirst(original, first));
      else ways.set(name, await this.newWay(original, left));
    }
    return ways;
  }

  private async newWay(original: ChargeCommand, left: Map<string, Micros>): Promise<Way> {
    const { key, charge } = original;
    const unit = unitFor(original);
    if (unit === null) return { command: original };
    const command = withoutPart(original);
    const pool = { organizationId: key.organizationId, currency: unit };
    const poolName = `${key.organizationId} ${unit}`;
    const available = left.get(poolName) ?? (await this.allowances.availableMicros(pool));
    const units = available / MICROS_PER_UNIT;
    const covered = units < BigInt(charge.quantity) ? Number(units) : charge.quantity;
    const rest = { ...command, charge: restOf(command, unit, covered) };
    const isSplit = rest.charge !== command.charge;
    const taken = covered === charge.quantity || isSplit ? unitsOf(covered) : 0n;
    left.set(poolName, micros(available - taken));
    if (covered === charge.quantity) return { command, whole: inAllowance(command, unit) };
    return isSplit ? { command, rest } : { command };
  }
}

const hasPart = ({ charge }: ChargeCommand): boolean => ALLOWANCE_KEY in charge.metadata;

/** Null: what plans include does not pay it. */
function unitFor({ key, charge }: ChargeCommand): Currency | null {
  if (charge.isAuthorized || charge.leaseId !== null || !isIsoCurrency(key.currency)) return null;
  const unit: AllowanceUnit | null = allowanceUnitOf(charge.channel);
  // A custom unit of ours; its name has the form of one.
  return unit as unknown as Currency | null;
}

/** The charge itself when nothing is covered, or when it cannot be split. */
function restOf({ key, charge }: ChargeCommand, unit: Currency, covered: number) {
  const part = readAllowance(`${String(unit)}:${covered}`);
  return (part && besidePlan(charge, key.currency, part)) ?? charge;
}

/** The key is ours: whoever writes it into a charge without authorization, or of a lease, means nothing by it. */
const withOwnPartOnly = (command: ChargeCommand): ChargeCommand =>
  command.charge.isAuthorized || !hasPart(command) ? command : withoutPart(command);

function withoutPart(command: ChargeCommand): ChargeCommand {
  const { [ALLOWANCE_KEY]: _, ...metadata } = command.charge.metadata;
  return { ...command, charge: { ...command.charge, metadata } };
}

/** A charge that is in the books is paid once more where it was paid: so it is found there, and told again. */
function asFirst(original: ChargeCommand, first: BookedCharge): Way {
  const { key, charge } = original;
  if (first.status === 'rejected') {
    // Perhaps it was the rest of it that was rejected.
    const isSame = unitFor(original) !== null && first.currency === key.currency;
    const { amountMicros } = first;
    return { command: isSame ? { ...original, charge: { ...charge, amountMicros } } : original };
  }
  if (first.currency !== key.currency) {
    if (unitFor(original) === first.currency) {
      return { command: original, whole: inAllowance(withoutPart(original), first.currency) };
    }
    const { currency, amountMicros } = first;
    const there = { ...withoutPart(original).charge, amountMicros };
    return { command: { ...original, key: { ...key, currency }, charge: there } };
  }
  const part = readAllowance(first.metadata[ALLOWANCE_KEY]);
  const isRaw = unitFor(original) !== null;
  if (part === null || !isRaw || part.quantity >= charge.quantity) return { command: original };
  const rest = besidePlan(withoutPart(original).charge, key.currency, part);
  return rest === null
    ? { command: original }
    : { command: original, rest: { ...original, charge: rest } };
}

/** Taken whole, or not at all: the hold of somebody else is not for it. */
function inAllowance(
  { key, charge: priced, replyTo, trace }: ChargeCommand,
  unit: Currency,
): ChangeCommand {
  const charge = inUnits(priced, key.currency);
  const own: ChargeCommand = { kind: 'charge', key: { ...key, currency: unit }, charge, replyTo };
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

/** The same charge in money; null where it is in money, or where there is nothing to fall back on. */
function moneyOf(command: ChargeCommand): ChargeCommand | null {
  const { key, charge } = command;
  if (!charge.isAuthorized || !isAllowance(key.currency)) return null;
  const money = inMoney(charge);
  if (money === null) return null;
  return { ...command, key: { ...key, currency: money.currency }, charge: money.charge };
}

function partOf({ key, charge, trace }: ChargeCommand): ChargeCommand | null {
  const own = planPart(charge);
  if (own === null) return null;
  // A custom unit of ours; its name has the form of one.
  const currency = own.part.unit as unknown as Currency;
  return {
    kind: 'charge',
    ...(trace && { trace }),
    key: { ...key, currency },
    charge: own.charge,
    replyTo: null,
  };
}
