import { seededRandom, testInfra, uniqueId } from '@orbit/testing';
import { SpendFixture, intentOf, usd, walletOf } from './spend-fixture.js';

interface ModelCharge {
  readonly units: bigint;
  state: 'held' | 'captured' | 'released' | 'posted';
  captured: bigint;
  authorizationId: string;
}

/** The same rules, written as naively as they can be said. */
class Model {
  posted = 100n;
  version = 1n;
  readonly charges = new Map<string, ModelCharge>();

  get held(): bigint {
    return [...this.charges.values()].reduce((sum, { state, units, captured }) => {
      if (state === 'held') return sum + units;
      return state === 'captured' ? sum + captured : sum;
    }, 0n);
  }

  authorize(id: string, units: bigint): 'authorized' | 'charge_id_conflict' | 'insufficient_funds' {
    const known = this.charges.get(id);
    if (known) {
      const isStanding = known.units === units && known.state !== 'released';
      return isStanding ? 'authorized' : 'charge_id_conflict';
    }
    if (units > this.posted - this.held) return 'insufficient_funds';
    this.charges.set(id, { units, state: 'held', captured: 0n, authorizationId: '' });
    return 'authorized';
  }

  capture(id: string, units: bigint): string {
    const charge = this.charges.get(id);
    if (!charge) return 'not_found';
    if (charge.state === 'released') return 'released';
    if (charge.state !== 'held') return charge.captured === units ? 'captured' : 'conflict';
    if (units > charge.units) return 'exceeds_hold';
    charge.state = 'captured';
    charge.captured = units;
    return 'captured';
  }

  release(id: string): string {
    const charge = this.charges.get(id);
    if (!charge) return 'not_found';
    if (charge.state === 'captured' || charge.state === 'posted') return 'captured';
    charge.state = 'released';
    return 'released';
  }
}

test('spend: 3,000 random operations answer as a naive model does, and held stays the sum of open holds', async () => {
  const random = seededRandom();
  const fixture = new SpendFixture(testInfra().redisUrl);
  try {
    await fixture.ready();
    const org = uniqueId('org');
    const model = new Model();
    const client = fixture.client();
    await fixture.open(org, model.posted);
    const note = { seed: random.seed };
    for (let step = 0; step < 3_000; step++) {
      // Few fresh ids at a time, so that repeats of every kind are common.
      const id = `c${Math.floor(step / 100)}-${random.integer(0, 15)}`;
      const units = BigInt(random.integer(1, 12));
      const authorizationId = model.charges.get(id)?.authorizationId ?? 'auth_none';
      const action = random.pick([
        'authorize',
        'authorize',
        'capture',
        'release',
        'settle',
        'top up',
      ]);
      if (action === 'authorize') {
        const result = await client.authorize(intentOf(org, id, usd(units)));
        const actual = result.status === 'refused' ? result.reason : result.status;
        expect({ ...note, step, actual }).toEqual({
          ...note,
          step,
          actual: model.authorize(id, units),
        });
        const charge = model.charges.get(id);
        if (charge && result.status === 'authorized')
          charge.authorizationId = result.authorizationId;
      } else if (action === 'capture') {
        const { status } = await client.capture(org, authorizationId, usd(units));
        expect({ ...note, step, status }).toEqual({
          ...note,
          step,
          status: model.capture(id, units),
        });
      } else if (action === 'release') {
        const { status } = await client.release(org, authorizationId);
        expect({ ...note, step, status }).toEqual({ ...note, step, status: model.release(id) });
      } else {
        const captured = [...model.charges].filter(([, { state }]) => state === 'captured');
        const taken = action === 'settle' ? captured : [];
        for (const [, charge] of taken) {
          charge.state = 'posted';
          model.posted -= charge.captured;
        }
        if (action === 'top up') model.posted += units;
        model.version += 1n;
        const settlement = {
          wallet: walletOf(org, model.posted, { version: model.version }),
          charges: taken.map(([chargeId, charge]) => ({
            chargeId,
            amountMicros: usd(charge.captured),
            outcome: 'posted' as const,
          })),
          claimId: null,
        };
        await fixture.hot.confirm(random.chance(0.3) ? [settlement, settlement] : [settlement]);
      }
      expect({ ...note, step, balance: await fixture.balance(org) }).toEqual({
        ...note,
        step,
        balance: [usd(model.posted), usd(model.held), usd(model.posted - model.held)],
      });
    }
  } finally {
    fixture.close();
  }
});
