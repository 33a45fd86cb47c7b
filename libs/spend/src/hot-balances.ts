import type { BlockReason } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { micros, MICROS_MAX, type Currency } from '@orbit/money';
import type { Redis } from 'ioredis';
import { guardKeyOf, holdsKeyOf, recordKeyOf, walletKeyOf } from './keys.js';
import { runScript, runScripts, SCRIPTS, type ScriptCall } from './scripts.js';
import { ServerEpoch } from './server-epoch.js';
import type {
  ClaimOutcome,
  ClaimRequest,
  ClaimResult,
  HotBalance,
  HotWallet,
  Settlement,
  UnsettledCharge,
} from './types.js';

/** Charges per settle script: about a millisecond of the Redis server, which serves nobody else meanwhile. */
const SETTLE_SIZE_MAX = 500;

/** Score of a captured hold is this plus its time (holds.lua). */
const CAPTURED_FROM = 1e15;

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

  /** Writes wallets that may be authorized from. Absolute and fenced by version: any order or repetition ends right. */
  async set(wallets: readonly HotWallet[]): Promise<void> {
    const epoch = await this.epoch.read();
    const calls = wallets.map((wallet) => ({
      keys: [...keysOf(wallet, []), guardKeyOf(wallet.organizationId)],
      args: [...walletArgs(wallet), epoch, ''],
    }));
    await runScripts(this.redis, SCRIPTS.load, calls);
  }

  /**
   * Reserves room for charges that came without a hold; results in the order of the requests.
   * Pauses are not looked at: the ledger, which knows them first, decides about those.
   */
  async claim(requests: readonly ClaimRequest[]): Promise<readonly ClaimResult[]> {
    const epoch = await this.epoch.read();
    const calls = requests.map((request) => toClaimCall(request, epoch));
    const replies = await runScripts(this.redis, SCRIPTS.claim, calls);
    return replies.map((reply) => {
      invariant(typeof reply === 'string', 'a claim answers with letters');
      return { outcomes: Array.from(reply, toOutcome) };
    });
  }

  /** New posted balances, holds of decided charges freed, claims dropped; idempotent. */
  async settle(settlements: readonly Settlement[]): Promise<void> {
    // A wallet on its own is brought to Redis; one that is there is written either way.
    const loads = settlements.filter(
      ({ charges, claimId }) => charges.length + (claimId ? 1 : 0) === 0,
    );
    await this.set(loads.map(({ wallet }) => wallet));
    const rest = settlements.filter((settlement) => !loads.includes(settlement));
    await runScripts(this.redis, SCRIPTS.settle, rest.flatMap(toSettleCalls));
  }

  /** Null when Redis does not know the wallet. Holds that have expired are freed first. */
  async read(organizationId: string, currency: Currency): Promise<HotBalance | null> {
    const keys = [walletKeyOf(organizationId, currency), holdsKeyOf(organizationId, currency)];
    const epoch = await this.epoch.read();
    const reply = await runScript(this.redis, SCRIPTS.read, { keys, args: [epoch] });
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
      settlesLate: late === '1',
      heldMicros: micros(heldMicros),
      availableMicros: micros(limitMicros - heldMicros),
      version: BigInt(version),
      pausedReason: paused ? (paused as BlockReason) : null,
      validUntilMs: until ? Number(until) : null,
    };
  }

  /** Captures at least this old that are not settled, oldest first: the ledger is behind, or their publish was lost. */
  async readUnsettled(
    organizationId: string,
    currency: Currency,
    olderThanMs: number,
    limit: number,
  ): Promise<readonly UnsettledCharge[]> {
    return readUnsettled(this.redis, organizationId, currency, olderThanMs, limit);
  }
}

/** Shared with the client, which publishes them again. */
export async function readUnsettled(
  redis: Redis,
  organizationId: string,
  currency: Currency,
  olderThanMs: number,
  limit: number,
): Promise<readonly UnsettledCharge[]> {
  const [seconds] = await redis.time();
  const oldest = CAPTURED_FROM + Number(seconds) * 1_000 - olderThanMs;
  const flat = await redis.zrangebyscore(
    holdsKeyOf(organizationId, currency),
    CAPTURED_FROM,
    oldest,
    'WITHSCORES',
    'LIMIT',
    0,
    limit,
  );
  const found: UnsettledCharge[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    const [member = '', score = ''] = flat.slice(at, at + 2);
    const bar = member.indexOf('|');
    found.push({
      chargeId: member.slice(bar + 1),
      amountMicros: micros(BigInt(member.slice(0, bar))),
      capturedAtMs: Number(score) - CAPTURED_FROM,
    });
  }
  return found;
}

function walletArgs(wallet: HotWallet): string[] {
  const { postedMicros, overdraftMicros, escrowedMicros, version } = wallet;
  const { pausedReason, validUntilMs, settlesLate } = wallet;
  invariant(overdraftMicros >= 0n, 'an overdraft limit is not negative');
  invariant(escrowedMicros >= 0n, 'what is set aside is not negative');
  invariant(
    postedMicros - escrowedMicros >= -MICROS_MAX && postedMicros + overdraftMicros <= MICROS_MAX,
    'a hot balance is exact in Redis',
  );
  invariant(version >= 0n && version <= MICROS_MAX, 'a version is exact in Redis');
  return [
    postedMicros.toString(),
    version.toString(),
    overdraftMicros.toString(),
    pausedReason ?? '',
    validUntilMs === null ? '' : validUntilMs.toString(),
    escrowedMicros.toString(),
    settlesLate ? '1' : '',
    (postedMicros + overdraftMicros - escrowedMicros).toString(),
  ];
}

function keysOf(wallet: HotWallet, charges: readonly { readonly chargeId: string }[]): string[] {
  const { organizationId, currency } = wallet;
  return [
    walletKeyOf(organizationId, currency),
    holdsKeyOf(organizationId, currency),
    ...charges.map(({ chargeId }) => recordKeyOf(organizationId, chargeId)),
  ];
}

function toClaimCall(request: ClaimRequest, epoch: string): ScriptCall {
  const { wallet, claimId, charges, ttlMs } = request;
  invariant(claimId !== '', 'a claim has an id');
  return {
    keys: keysOf(wallet, charges),
    args: [
      ...walletArgs(wallet),
      epoch,
      claimId,
      ttlMs,
      ...charges.flatMap(({ chargeId, amountMicros }) => [chargeId, amountMicros.toString()]),
    ],
  };
}

/** Large settlements go in parts. The first writes the balance, so that what is not freed yet is only held too long. */
function toSettleCalls({ wallet, charges, claimId }: Settlement): ScriptCall[] {
  const calls: ScriptCall[] = [];
  let from = 0;
  do {
    const part = charges.slice(from, from + SETTLE_SIZE_MAX);
    from += SETTLE_SIZE_MAX;
    calls.push({
      keys: keysOf(wallet, part),
      args: [
        ...walletArgs(wallet),
        from >= charges.length ? (claimId ?? '') : '',
        ...part.flatMap(({ chargeId, amountMicros, outcome }) => [
          chargeId,
          amountMicros.toString(),
          outcome === 'posted' ? 'P' : 'R',
        ]),
      ],
    });
  } while (from < charges.length);
  return calls;
}
