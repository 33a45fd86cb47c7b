import { invariant } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import { chargeReference } from '../domain/identifiers.js';
import { occurredAtMs, timesOf } from '../domain/times.js';
import type { Charge, Wallet } from '../domain/wallet.js';
import { lookupsOf } from './change-context.js';
import {
  changeClaim,
  claimKey,
  type ChangeCommand,
  type ChargeCommand,
  type ClaimedCommand,
} from './commands.js';
import type { ClaimedRoom } from './decide-batch.js';
import type { ExpiredPayer, LedgerRules } from './ledger-rules.js';
import { outcomeKey, type ClaimRequest, type ClaimResult, type HotBalancesPort } from './ports.js';
import type { GroupRead } from './read-group.js';
import { hotStateOf } from './settlements.js';

type Claim = ClaimRequest['charges'][number];
type Uncovered = ReadonlySet<string>;

/**
 * Charges without a hold, and changes that set money aside, take from the same pot as holds do: Redis
 * says which of them fit, in one round trip, and none when nothing claims. A charge of a lease claims only
 * when the lease does not cover it (`uncovered`, by outcome key); late usage only what expired credit does not pay.
 */
export async function claimRoom(
  hotBalances: HotBalancesPort,
  rules: LedgerRules,
  commands: readonly ClaimedCommand[],
  read: GroupRead,
  uncovered: Uncovered = new Set(),
): Promise<ClaimedRoom> {
  const late = new LateClaims(rules, read.nowMs);
  const requests = new Map<string, { wallet: Wallet; claimId: string; charges: Claim[] }>();
  for (const [index, { command, wallet: name, claimId }] of commands.entries()) {
    if (command.kind === 'credit') continue;
    if (command.kind === 'charge' && command.charge.isAuthorized) continue;
    if (command.kind === 'change' && !command.claims) continue;
    const wallet = read.wallets.get(name);
    if (!wallet) continue;
    const claim =
      command.kind === 'charge'
        ? claimOfCharge(command, wallet, read.known, uncovered, late)
        : claimOfChange(command, index, wallet, read);
    if (!claim) continue;
    const key = claimKey(claimId, name);
    const request = requests.get(key);
    if (request) request.charges.push(claim);
    else requests.set(key, { wallet, claimId, charges: [claim] });
  }
  if (requests.size === 0) return { claimed: new Map(), late: late.covers };
  const results = await hotBalances.claim(
    [...requests.values()].map(({ wallet, claimId, charges }) => ({
      wallet: hotStateOf(wallet, read.nowMs),
      claimId,
      charges,
    })),
  );
  const claimed = [...requests.keys()].map((key, index): [string, ClaimResult] => {
    const result = results[index];
    invariant(result, 'every claim is answered');
    return [key, result];
  });
  return { claimed: new Map(claimed), late: late.covers };
}

/** Null when it need not claim: it is known, or its lease or expired credit covers it. */
function claimOfCharge(
  { charge }: ChargeCommand,
  wallet: Wallet,
  known: GroupRead['known'],
  uncovered: Uncovered,
  late: LateClaims,
): Claim | null {
  if (known.size === 0 && charge.leaseId === null) return late.clawbackOf(charge, wallet);
  const key = outcomeKey({
    walletNo: wallet.walletNo,
    reference: chargeReference(charge.chargeId),
  });
  if (known.has(key)) return null;
  return charge.leaseId === null || uncovered.has(key) ? late.clawbackOf(charge, wallet) : null;
}

function claimOfChange(
  { claims, reads }: ChangeCommand,
  index: number,
  wallet: Wallet,
  read: GroupRead,
): Claim | null {
  const amountMicros = claims?.(wallet, lookupsOf(read, wallet, reads)) ?? ZERO_MICROS;
  return amountMicros > 0n ? { chargeId: changeClaim(index), amountMicros } : null;
}

/** Takes off the claims of one group what credit that has expired pays: Redis knows nothing of it. */
class LateClaims {
  /** By outcome key: what expired credit is counted on to pay. */
  readonly covers = new Map<string, Micros>();
  /** By wallet number; null where nothing has expired. */
  private readonly payers = new Map<bigint, ExpiredPayer | null>();

  constructor(
    private readonly rules: LedgerRules,
    private readonly nowMs: number,
  ) {}

  /** The room that the charge needs; null when expired credit pays it whole, or when it stands in the group twice. */
  clawbackOf(charge: Charge, wallet: Wallet): Claim | null {
    let payer = this.payers.get(wallet.walletNo);
    if (payer === undefined) {
      payer = this.rules.expiredPayerOf(wallet, timesOf(wallet, this.nowMs).accountMs);
      this.payers.set(wallet.walletNo, payer);
    }
    if (payer === null) return charge;
    const reference = chargeReference(charge.chargeId);
    const key = outcomeKey({ walletNo: wallet.walletNo, reference });
    if (this.covers.has(key)) return null;
    const occurred = occurredAtMs(charge.occurredAtMs, wallet, this.nowMs);
    const paidMicros = payer.take({ ...charge, occurredAtMs: occurred });
    this.covers.set(key, paidMicros);
    const amountMicros = micros(charge.amountMicros - paidMicros);
    return amountMicros === 0n ? null : { chargeId: charge.chargeId, amountMicros };
  }
}
