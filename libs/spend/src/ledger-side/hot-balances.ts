import { randomUUID } from 'node:crypto';
import type { BlockReason } from '@orbit/contracts';
import { inOrder, invariant, pushInOrder } from '@orbit/kernel';
import { micros, MICROS_MAX, type Currency } from '@orbit/money';
import type { Redis } from 'ioredis';
import type { WalletName } from './hold-sums.js';
import {
  guardKeyOf,
  holdsKeyOf,
  recordKeyOf,
  walletKeyNames,
  walletKeysOf,
} from '../redis/keys.js';
import { runTogether, SCRIPT_KEYS_MAX, type WalletPart } from '../redis/run-together.js';
import { SCRIPT_TABLES, WALLET_STATE } from '../redis/script-tables.js';
import { runScript, runScripts, SCRIPTS, type ScriptCall } from '../redis/scripts.js';
import { ServerEpoch } from '../redis/server-epoch.js';
import type {
  ClaimedCharge,
  ClaimOutcome,
  ClaimRequest,
  ClaimResult,
  HotBalance,
  HotWallet,
  Settlement,
} from '../types.js';

/** A load that takes longer starts again: what it read may be older than a claim that has expired meanwhile. */
const LOAD_MS_MAX = 10_000;

/** Binds a load to the memory in which it began. */
export interface LoadPermit {
  readonly epoch: string;
  readonly nonce: string;
}

const OUTCOMES: Readonly<Record<string, ClaimOutcome>> = {
  A: 'authorized',
  G: 'granted',
  N: 'refused',
};

function toOutcome(letter: string): ClaimOutcome {
  const outcome = OUTCOMES[letter];
  invariant(outcome, 'a claim answers with letters it knows');
  return outcome;
}

/** The ledger's side of the hot balances: it alone writes posted balances. Redis errors are thrown. */
export class HotBalances {
  private readonly redis: Redis;
  private readonly epoch: ServerEpoch;

  constructor({ redis }: { readonly redis: Redis }) {
    this.redis = redis;
    this.epoch = ServerEpoch.of(redis);
  }

  /** Writes wallets that may be authorized from, without asking whether the memory may be trusted. */
  async set(wallets: readonly HotWallet[]): Promise<void> {
    const epoch = await this.epoch.read();
    const calls = wallets.map((wallet) => toLoadCall(wallet, { epoch, nonce: '' }));
    await runScripts(this.redis, SCRIPTS.load, calls);
  }

  /** To be had before it is asked whether the memory may be trusted, and before the wallet is read. */
  async permitLoad(organizationId: string): Promise<LoadPermit> {
    const permit = { epoch: await this.epoch.read(), nonce: randomUUID() };
    const key = guardKeyOf(organizationId, permit.nonce);
    await this.redis.set(key, permit.nonce, 'PX', LOAD_MS_MAX);
    return permit;
  }

  /**
   * Writes a wallet and lets it be authorized from. `lost`: the memory was lost since the permit, nothing
   * happened. `loaded_with_old_holds`: some are there that another life of this Redis left behind.
   */
  async load(
    wallet: HotWallet,
    permit: LoadPermit,
  ): Promise<'loaded' | 'loaded_with_old_holds' | 'lost'> {
    const found = await runScript(this.redis, SCRIPTS.load, toLoadCall(wallet, permit));
    if (found === 0) return 'lost';
    return found === 2 ? 'loaded_with_old_holds' : 'loaded';
  }

  /**
   * Reserves room for charges that came without a hold; results in the order of the requests.
   * Pauses are not looked at: the ledger, which knows them first, decides about those.
   */
  async claim(requests: readonly ClaimRequest[]): Promise<readonly ClaimResult[]> {
    const epoch = await this.epoch.read();
    const distinct = requests.map(({ charges }) => distinctCharges(charges));
    const parts = requests.map((request, at) =>
      toClaimPart({ ...request, charges: distinct[at]?.charges ?? [] }),
    );
    const replies = await runTogether(this.redis, SCRIPTS.claim, {
      head: inOrder(SCRIPT_TABLES.claim.args.head, { epoch }),
      parts,
    });
    return replies.flat(1).map((reply, at) => {
      invariant(typeof reply === 'string', 'a claim answers with letters');
      const positions = distinct[at]?.positions ?? [];
      return { outcomes: positions.map((position) => toOutcome(reply.charAt(position))) };
    });
  }

  /** New posted balances, holds of decided charges freed, claims dropped; idempotent. */
  async confirm(settlements: readonly Settlement[]): Promise<void> {
    const parts = settlements.flatMap(toConfirmParts);
    await runTogether(this.redis, SCRIPTS.confirm, { head: [], parts });
  }

  /** Reads the holds of a wallet, open or captured, the first to expire first. */
  async readHolds(
    organizationId: string,
    currency: Currency,
    limit: number,
  ): Promise<readonly ClaimedCharge[]> {
    const key = holdsKeyOf(organizationId, currency);
    const members = await this.redis.zrange(key, '0', (limit - 1).toString());
    return members.flatMap((member) => {
      // The ledger's own claims are `<micros>#<claim id>`.
      const [, amount, chargeId] = /^(\d+)\|(.*)$/s.exec(member) ?? [];
      if (amount === undefined || chargeId === undefined) return [];
      return [{ chargeId, amountMicros: micros(BigInt(amount)) }];
    });
  }

  /** Null when Redis does not know the wallet. Holds that have expired are freed first. */
  async read(organizationId: string, currency: Currency): Promise<HotBalance | null> {
    const [balance = null] = await this.readAll([{ organizationId, currency }]);
    return balance;
  }

  /** As `read`, in the order of the names. */
  async readAll(names: readonly WalletName[]): Promise<readonly (HotBalance | null)[]> {
    const head = inOrder(SCRIPT_TABLES.read.args.head, { epoch: await this.epoch.read() });
    const parts = names.map((name) => ({ keys: walletKeysOf(name), args: [] }));
    const replies = (await runTogether(this.redis, SCRIPTS.read, { head, parts })).flat(1);
    return names.map((name, index) => toHotBalance(name, replies[index]));
  }
}

function toHotBalance({ organizationId, currency }: WalletName, reply: unknown): HotBalance | null {
  if (reply === null) return null;
  invariant(Array.isArray(reply), 'a known wallet answers with its fields');
  const [posted, overdraft, escrowed, held, paused, until, version, late] = reply.map(String);
  invariant(
    posted && overdraft && escrowed && held && version,
    'a known wallet answers with its amounts',
  );
  const limitMicros = BigInt(posted) + BigInt(overdraft) - BigInt(escrowed);
  const heldMicros = BigInt(held);
  return {
    organizationId,
    currency,
    postedMicros: micros(BigInt(posted)),
    overdraftMicros: micros(BigInt(overdraft)),
    escrowedMicros: micros(BigInt(escrowed)),
    allowsLateCapture: late === '1',
    heldMicros: micros(heldMicros),
    availableMicros: micros(limitMicros - heldMicros),
    version: BigInt(version),
    pausedReason: paused ? (paused as BlockReason) : null,
    validUntilMs: until ? Number(until) : null,
  };
}

/** A charge that a batch brings twice needs its room once. */
function distinctCharges(charges: readonly ClaimedCharge[]): {
  readonly charges: readonly ClaimedCharge[];
  /** For every charge given, where its like stands among the distinct ones. */
  readonly positions: readonly number[];
} {
  const known = new Map<string, number>();
  const distinct: ClaimedCharge[] = [];
  const positions = charges.map((charge) => {
    const name = `${charge.amountMicros} ${charge.chargeId}`;
    const position = known.get(name) ?? distinct.length;
    if (position === distinct.length) {
      known.set(name, position);
      distinct.push(charge);
    }
    return position;
  });
  return { charges: distinct, positions };
}

function toLoadCall(wallet: HotWallet, { epoch, nonce }: LoadPermit): ScriptCall {
  return {
    keys: inOrder(SCRIPT_TABLES.load.keys.head, {
      ...walletKeyNames(wallet),
      guard: guardKeyOf(wallet.organizationId, nonce),
    }),
    args: [...inOrder(SCRIPT_TABLES.load.args.head, { epoch, guard: nonce }), ...stateOf(wallet)],
  };
}

function stateOf(wallet: HotWallet): string[] {
  const { postedMicros, overdraftMicros, escrowedMicros, version } = wallet;
  const { pausedReason, validUntilMs, allowsLateCapture } = wallet;
  invariant(overdraftMicros >= 0n, 'an overdraft limit is not negative');
  invariant(escrowedMicros >= 0n, 'what is set aside is not negative');
  invariant(
    postedMicros - escrowedMicros >= -MICROS_MAX && postedMicros + overdraftMicros <= MICROS_MAX,
    'a hot balance is exact in Redis',
  );
  invariant(version >= 0n && version <= MICROS_MAX, 'a version is exact in Redis');
  return inOrder(WALLET_STATE, {
    posted: postedMicros.toString(),
    version: version.toString(),
    overdraft: overdraftMicros.toString(),
    paused: pausedReason ?? '',
    until: validUntilMs === null ? '' : validUntilMs.toString(),
    escrowed: escrowedMicros.toString(),
    late: allowsLateCapture ? '1' : '',
    limit: (postedMicros + overdraftMicros - escrowedMicros).toString(),
  });
}

function keysOf(wallet: HotWallet, charges: readonly { readonly chargeId: string }[]): string[] {
  const { organizationId } = wallet;
  return [
    ...walletKeysOf(wallet),
    ...charges.map(({ chargeId }) => recordKeyOf(organizationId, chargeId)),
  ];
}

function toClaimPart({ wallet, claimId, charges, ttlMs }: ClaimRequest): WalletPart {
  invariant(claimId !== '', 'a claim has an id');
  const { args: names } = SCRIPT_TABLES.claim;
  const chargeCount = charges.length.toString();
  const args = inOrder(names.wallet, { chargeCount, claimId, ttlMs: ttlMs.toString() });
  args.push(...stateOf(wallet));
  for (const { chargeId: id, amountMicros } of charges) {
    pushInOrder(args, names.charge, { id, amount: amountMicros.toString() });
  }
  return { keys: keysOf(wallet, charges), args };
}

/** Large settlements go in parts. The first writes the balance, so that what is not freed yet is only held too long. */
function toConfirmParts({ wallet, charges, claimId }: Settlement): WalletPart[] {
  const { args: names } = SCRIPT_TABLES.confirm;
  const parts: WalletPart[] = [];
  const sizeMax = SCRIPT_KEYS_MAX - 2;
  let from = 0;
  do {
    const part = charges.slice(from, from + sizeMax);
    from += sizeMax;
    const dropped = from >= charges.length ? (claimId ?? '') : '';
    const chargeCount = part.length.toString();
    const args = inOrder(names.wallet, { chargeCount, claimId: dropped });
    args.push(...stateOf(wallet));
    for (const { chargeId: id, amountMicros, outcome } of part) {
      const amount = amountMicros.toString();
      pushInOrder(args, names.charge, { id, amount, outcome: outcome === 'posted' ? 'P' : 'R' });
    }
    parts.push({ keys: keysOf(wallet, part), args });
  } while (from < charges.length);
  return parts;
}
