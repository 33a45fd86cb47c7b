import { RPC_CALLEES, type RpcCallee } from '@orbit/contracts';
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The token of `caller` for the service that holds `secret`: 64 hexadecimal digits. Each pair of services has a token of
 * its own, so that what one service receives opens no other.
 */
export const rpcTokenOf = (secret: string, caller: string): string =>
  createHmac('sha256', secret).update(`orbit-rpc:${caller}`).digest('hex');

/** Compares in constant time. */
export function isRpcToken(token: string, secret: string, caller: string): boolean {
  const expected = Buffer.from(rpcTokenOf(secret, caller));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const PAIR = /^([a-z-]+)=([0-9a-f]{64})$/;

/**
 * Reads `wallet-ledger=<token>,checkout=<token>`; empty: the caller shows none. Returns null where the text has another
 * form or names a service twice.
 */
export function readRpcTokens(text: string): ReadonlyMap<RpcCallee, string> | null {
  const tokens = new Map<RpcCallee, string>();
  for (const pair of text === '' ? [] : text.split(',')) {
    const [, name = '', token = ''] = PAIR.exec(pair.trim()) ?? [];
    const callee = RPC_CALLEES.find((known) => known === name);
    if (!callee || tokens.has(callee)) return null;
    tokens.set(callee, token);
  }
  return tokens;
}
