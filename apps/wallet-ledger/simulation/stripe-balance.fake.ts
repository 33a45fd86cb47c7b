import { invariant } from '@orbit/kernel';
import type { Account } from '../src/books/domain/wallet.js';
import type { World } from './world.fake.js';

/** What an account of the books should hold, by currency: Σ in − Σ out. */
export type Expected = ReadonlyMap<string, bigint>;

/**
 * The balance that Stripe keeps for us, as its list of balance transactions: payments and what comes back of disputes
 * add to it, refunds, disputes and their fees take from it.
 */
export class StripeBalance {
  private readonly transactions: { readonly currency: string; readonly amount: bigint }[] = [];

  move(world: World, name: string, amount: bigint): void {
    this.transactions.push({ currency: world.wallet(name).currency, amount });
  }

  get sums(): Expected {
    return summed(this.transactions.map(({ currency, amount }) => [currency, amount]));
  }

  /** Once everything has arrived: Stripe's balance transactions = stripe_clearing, per currency. */
  compare(world: World): void {
    const sums = this.sums;
    const clearing = accountOf(world, 'stripe_clearing');
    for (const currency of new Set([...sums.keys(), ...clearing.keys()])) {
      const atStripe = sums.get(currency) ?? 0n;
      const booked = clearing.get(currency) ?? 0n;
      invariant(
        atStripe + booked === 0n,
        `Stripe's balance transactions in ${currency} come to ${atStripe}, stripe_clearing is ${booked}`,
      );
    }
  }
}

export function expectAccount(world: World, account: Account, expected: Expected): void {
  const booked = accountOf(world, account);
  for (const currency of new Set([...expected.keys(), ...booked.keys()])) {
    const wanted = expected.get(currency) ?? 0n;
    const found = booked.get(currency) ?? 0n;
    invariant(wanted === found, `${account} in ${currency} should be ${wanted} and is ${found}`);
  }
}

export function summed(amounts: readonly (readonly [string, bigint])[]): Expected {
  const sums = new Map<string, bigint>();
  for (const [currency, amount] of amounts) {
    sums.set(currency, (sums.get(currency) ?? 0n) + amount);
  }
  return sums;
}

function accountOf(world: World, account: Account): Expected {
  return summed(
    world.names.flatMap((name) => {
      const { currency, walletNo } = world.wallet(name);
      return (world.store.entries.get(walletNo) ?? []).flatMap(({ from, to, amountMicros }) => [
        ...(to === account ? [[currency, amountMicros] as const] : []),
        ...(from === account ? [[currency, -amountMicros] as const] : []),
      ]);
    }),
  );
}
