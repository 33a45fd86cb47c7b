import { RecoverEpoch, type MemoryTrustPort } from './recover-epoch.js';
import type { ChargeLogEnds } from '../../books/application/shared-ports.js';

/** A memory that can be lost, and the trust that two ledgers keep in it. */
class Memory implements MemoryTrustPort {
  trusted = false;
  mark: string | null = null;
  private count = 0;

  lose(): void {
    this.trusted = false;
    this.mark = null;
  }
  isTrusted(): Promise<boolean> {
    return Promise.resolve(this.trusted);
  }
  begin(): Promise<string> {
    this.mark ??= `run ${++this.count}`;
    return Promise.resolve(this.mark);
  }
  finish(mark: string): Promise<boolean> {
    if (this.mark !== mark) return Promise.resolve(false);
    this.trusted = true;
    this.mark = null;
    return Promise.resolve(true);
  }
}

class Log {
  end = 10n;
  committed = 0n;
  onRead: () => void = () => undefined;

  readEnds(): Promise<ChargeLogEnds> {
    const ends = new Map([[0, this.end]]);
    this.onRead();
    return Promise.resolve(ends);
  }
  isHandled(ends: ChargeLogEnds): Promise<boolean> {
    return Promise.resolve([...ends.values()].every((end) => this.committed >= end));
  }
}

const watch = { lost: () => undefined, recovered: () => undefined };
const clock = { nowMs: () => 0 };
const make = (memory = new Memory(), log = new Log()) => ({
  memory,
  log,
  ledger: new RecoverEpoch(memory, log, watch, clock),
});

test('T28 a lost memory is trusted again only when the ledger has read to the end as it was when the loss was noticed', async () => {
  const { memory, log, ledger } = make();
  expect(await ledger.isTrusted()).toBe(false);
  log.committed = 9n;
  expect(await ledger.isTrusted()).toBe(false);
  // Charges that came later, without a hold of the lost memory, do not keep it waiting.
  log.end = 99n;
  log.committed = 10n;
  expect(await ledger.isTrusted()).toBe(true);
  expect(memory.mark).toBeNull();
});

test('T28 a second loss while recovering starts again from the end as it is then', async () => {
  const { memory, log, ledger } = make();
  await ledger.run();
  memory.lose();
  log.end = 20n;
  log.committed = 10n;
  expect(await ledger.run()).toBe(0);
  expect(memory.trusted).toBe(false);
  log.committed = 20n;
  expect(await ledger.run()).toBe(1);
  expect(memory.trusted).toBe(true);
});

test('T28 a loss between reading the end and trusting is noticed, because it takes the mark along', async () => {
  const { memory, log, ledger } = make();
  log.committed = 10n;
  log.onRead = () => memory.lose();
  expect(await ledger.isTrusted()).toBe(false);
  log.onRead = () => undefined;
  expect(await ledger.isTrusted()).toBe(true);
});

test('T28 two ledgers share one recovery: whoever ends it ends it for both', async () => {
  const memory = new Memory();
  const [first, second] = [make(memory), make(memory)];
  await first.ledger.run();
  await second.ledger.run();
  expect(memory.mark).toBe('run 1');
  second.log.committed = 10n;
  expect(await second.ledger.run()).toBe(1);
  expect(await first.ledger.isTrusted()).toBe(true);
});
