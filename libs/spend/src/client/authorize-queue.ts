import { inOrder, pushInOrder } from '@orbit/kernel';
import type { Redis } from 'ioredis';
import { holdsKeyBeside } from '../redis/keys.js';
import { SCRIPT_TABLES } from '../redis/script-tables.js';
import { runScript, SCRIPTS } from '../redis/scripts.js';
import { ServerEpoch } from '../redis/server-epoch.js';

const ARGS = SCRIPT_TABLES.authorize.args;

/** The reply of authorize.lua to one charge: the rest to spend, or the refusal. */
export type AuthorizeReply =
  | { readonly left: number; readonly nowMs: number }
  | readonly ['replay', available: number, expires: number, state: string, occurredAtMs: number]
  | readonly ['ended', state: 'L' | 'H']
  | readonly ['not_loaded']
  | readonly [reason: string, available: number, paused?: string];

export interface AuthorizeCall {
  readonly recordKey: string;
  readonly charge: { readonly [name in (typeof ARGS.charge)[number]]: string };
}

interface Waiting {
  readonly call: AuthorizeCall;
  readonly resolve: (reply: AuthorizeReply) => void;
  readonly reject: (error: unknown) => void;
}

/** Charges in one script: some 150 µs of the Redis server, while this process prepares the next. */
const BATCH_SIZE_MAX = 32;

type Batch = ReadonlyMap<string, readonly Waiting[]>;

/**
 * A lone authorization leaves at once. While others are under way, those of one tick share a script and a
 * round trip, whatever their wallets; in a Redis Cluster, those of one wallet do.
 */
export class AuthorizeQueue {
  private waiting = new Map<string, Waiting[]>();
  private waitingCount = 0;
  private sendingCount = 0;
  private readonly epoch: ServerEpoch;

  constructor(private readonly redis: Redis) {
    this.epoch = ServerEpoch.of(redis);
  }

  run(walletKey: string, call: AuthorizeCall): Promise<AuthorizeReply> {
    return new Promise((resolve, reject) => {
      const waiting = { call, resolve, reject };
      if (this.sendingCount === 0 && this.waitingCount === 0)
        this.send(new Map([[walletKey, [waiting]]]));
      else this.gather(walletKey, waiting);
    });
  }

  private gather(walletKey: string, waiting: Waiting): void {
    if (this.waitingCount === 0) process.nextTick(this.flush);
    const batch = this.waiting.get(walletKey);
    if (batch) batch.push(waiting);
    else this.waiting.set(walletKey, [waiting]);
    this.waitingCount += 1;
    if (this.waitingCount >= BATCH_SIZE_MAX) this.flush();
  }

  private readonly flush = (): void => {
    if (this.waitingCount === 0) return;
    const batch = this.waiting;
    this.waiting = new Map();
    this.waitingCount = 0;
    if (this.epoch.isCluster) for (const wallet of batch) this.send(new Map([wallet]));
    else this.send(batch);
  };

  private send(batch: Batch): void {
    this.sendingCount += 1;
    const epoch = this.epoch.current;
    const sent =
      epoch === null
        ? this.epoch.read().then((known) => this.runScript(known, batch))
        : this.runScript(epoch, batch);
    sent.then(
      (reply) => {
        this.sendingCount -= 1;
        answerAll(batch, reply as readonly unknown[]);
      },
      (error: unknown) => {
        this.sendingCount -= 1;
        for (const calls of batch.values()) for (const { reject } of calls) reject(error);
      },
    );
  }

  private runScript(epoch: string, batch: Batch): Promise<unknown> {
    const keys: string[] = [];
    const args = inOrder(ARGS.head, { epoch, walletCount: batch.size.toString() });
    for (const calls of batch.values()) {
      pushInOrder(args, ARGS.wallet, { chargeCount: calls.length.toString() });
    }
    for (const [walletKey, calls] of batch) {
      keys.push(walletKey, holdsKeyBeside(walletKey));
      for (const { call } of calls) {
        keys.push(call.recordKey);
        pushInOrder(args, ARGS.charge, call.charge);
      }
    }
    return runScript(this.redis, SCRIPTS.authorize, { keys, args });
  }
}

function answerAll(batch: Batch, reply: readonly unknown[]): void {
  const nowMs = reply[0] as number;
  let at = 1;
  for (const calls of batch.values()) {
    for (const { resolve } of calls) {
      const answer = reply[at++];
      if (typeof answer === 'number') resolve({ left: answer, nowMs });
      else resolve(answer as AuthorizeReply);
    }
  }
}
