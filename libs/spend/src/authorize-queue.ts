import type { Redis } from 'ioredis';
import { holdsKeyBeside } from './keys.js';
import { runScript, SCRIPTS } from './scripts.js';
import { ServerEpoch } from './server-epoch.js';

/** What authorize.lua answers to one charge: what is left, or why not. */
export type AuthorizeReply =
  | { readonly left: number; readonly nowMs: number }
  | readonly ['replay', available: number, expires: number, state: string, occurredAtMs: number]
  | readonly ['ended', state: 'L' | 'H']
  | readonly ['not_loaded']
  | readonly [reason: string, available: number, paused?: string];

export interface AuthorizeCall {
  readonly recordKey: string;
  /** Record before and after its numbers, member, amount, hold lifetime, record lifetime. */
  readonly args: readonly string[];
}

interface Waiting {
  readonly call: AuthorizeCall;
  readonly resolve: (reply: AuthorizeReply) => void;
  readonly reject: (error: unknown) => void;
}

/** Charges in one script: some 150 µs of the Redis server, while this process prepares the next. */
const BATCH_SIZE_MAX = 32;

/**
 * A lone authorization leaves at once. While others are under way, those that one wallet is asked for in
 * one tick share one script and one round trip, and those of several wallets leave in one packet.
 */
export class AuthorizeQueue {
  private batches = new Map<string, Waiting[]>();
  private sendingCount = 0;
  private readonly epoch: ServerEpoch;

  constructor(private readonly redis: Redis) {
    this.epoch = ServerEpoch.of(redis);
  }

  run(walletKey: string, call: AuthorizeCall): Promise<AuthorizeReply> {
    return new Promise((resolve, reject) => {
      const waiting = { call, resolve, reject };
      if (this.sendingCount === 0 && this.batches.size === 0) this.send(walletKey, [waiting]);
      else this.gather(walletKey, waiting);
    });
  }

  private gather(walletKey: string, waiting: Waiting): void {
    let batch = this.batches.get(walletKey);
    if (!batch) {
      if (this.batches.size === 0) process.nextTick(this.flush);
      batch = [];
      this.batches.set(walletKey, batch);
    }
    batch.push(waiting);
    if (batch.length < BATCH_SIZE_MAX) return;
    this.batches.set(walletKey, []);
    this.send(walletKey, batch);
  }

  private readonly flush = (): void => {
    const batches = this.batches;
    this.batches = new Map();
    for (const [walletKey, batch] of batches) if (batch.length > 0) this.send(walletKey, batch);
  };

  private send(walletKey: string, batch: readonly Waiting[]): void {
    this.sendingCount += 1;
    const epoch = this.epoch.current;
    const sent =
      epoch === null
        ? this.epoch.read().then((known) => this.runScript(known, walletKey, batch))
        : this.runScript(epoch, walletKey, batch);
    sent.then(
      (reply) => {
        this.sendingCount -= 1;
        settleAll(batch, reply as readonly unknown[]);
      },
      (error: unknown) => {
        this.sendingCount -= 1;
        for (const { reject } of batch) reject(error);
      },
    );
  }

  private runScript(epoch: string, walletKey: string, batch: readonly Waiting[]): Promise<unknown> {
    const keys = [walletKey, holdsKeyBeside(walletKey)];
    const args = [epoch];
    for (const { call } of batch) {
      keys.push(call.recordKey);
      for (const arg of call.args) args.push(arg);
    }
    return runScript(this.redis, SCRIPTS.authorize, { keys, args });
  }
}

function settleAll(batch: readonly Waiting[], reply: readonly unknown[]): void {
  if (reply[0] === 'not_loaded') {
    for (const { resolve } of batch) resolve(['not_loaded']);
    return;
  }
  const nowMs = reply[0] as number;
  for (let at = 0; at < batch.length; at++) {
    const answer = reply[at + 1];
    const resolve = batch[at]?.resolve;
    if (typeof answer === 'number') resolve?.({ left: answer, nowMs });
    else resolve?.(answer as AuthorizeReply);
  }
}
