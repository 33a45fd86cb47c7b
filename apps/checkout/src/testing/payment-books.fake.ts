import { formatAmount, micros, parseAmount } from '@orbit/money';

/** An event that checkout has published, or is about to. */
export interface Fact {
  readonly eventId: string;
  readonly topic: string;
  readonly value: unknown;
}

/** What a wallet comes to, in whole units of it. */
export interface BooksView {
  readonly balance: string;
  readonly held: string;
  readonly available: string;
  readonly isPaused: boolean;
  /** Taken back of payments, by refunds and lost disputes. */
  readonly clawed: string;
  readonly fees: string;
}

/** What happens to the wallet without checkout, in whole units of it. */
export interface Other {
  readonly granted?: number;
  readonly spent?: number;
  /** By an operator, of the payment's own credit: what is clawed back of the payment uses it first. */
  readonly takenBack?: number;
}

/**
 * For tests: the plainest ledger there can be over the facts that checkout publishes. Each fact
 * counts once by its id, in any order; of a payment never more is taken than it brought. The real
 * one is tested in wallet-ledger.
 */
export function booksOf(
  facts: readonly Fact[],
  organizationId: string,
  other: Other = {},
): BooksView {
  const mine = new Map<string, Fact>();
  for (const fact of facts)
    if ((fact.value as Value).organization_id === organizationId) mine.set(fact.eventId, fact);
  const of = (topic: string): Value[] =>
    [...mine.values()].filter((fact) => fact.topic === topic).map(({ value }) => value as Value);
  let balance = unit(other.granted ?? 0) - unit(other.spent ?? 0);
  let [held, clawed, fees] = [0n, 0n, 0n];
  const failed = new Set(of('refund.failed').map(({ refund_id }) => refund_id));
  const closed = new Map(of('dispute.closed').map((value) => [value.dispute_id, value]));
  let isPaused = false;
  for (const topup of of('topup.completed')) {
    let left = amount(topup.amount);
    balance += left;
    const take = (wanted: bigint): bigint => {
      const taken = wanted < left ? wanted : left;
      left -= taken;
      return taken;
    };
    const isOf = ({ topup_id }: Value): boolean => topup_id === topup.topup_id;
    for (const refund of of('refund.completed').filter(isOf))
      if (!failed.has(refund.refund_id)) clawed += take(amount(refund.amount));
    for (const dispute of of('dispute.opened').filter(isOf)) {
      const end = closed.get(dispute.dispute_id);
      if (end === undefined) {
        held += take(amount(dispute.amount));
        isPaused = true;
      } else if (end.outcome === 'lost') clawed += take(amount(end.amount));
    }
  }
  for (const end of closed.values()) fees += amount(end.fee);
  const takenBack = unit(other.takenBack ?? 0);
  const used = clawed < takenBack ? clawed : takenBack;
  balance -= clawed + takenBack - used;
  const unused = takenBack - used;
  held = held < unused ? 0n : held - unused;
  return {
    ...{ balance: shown(balance), held: shown(held), available: shown(balance - held) },
    ...{ isPaused, clawed: shown(clawed), fees: shown(fees) },
  };
}

type Value = Readonly<
  Record<
    'organization_id' | 'topup_id' | 'refund_id' | 'dispute_id' | 'amount' | 'outcome' | 'fee',
    string
  >
>;

const unit = (whole: number): bigint => BigInt(whole) * 1_000_000n;
const shown = (value: bigint): string => formatAmount(micros(value), 'units');

function amount(text: string): bigint {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(`a fact says ${text}`);
  return parsed.amountMicros;
}
