import type { RpcCallee, RpcCaller } from '@orbit/contracts';
import { parseAddress } from '../../address.js';
import { RpcClient } from '../rpc-client.js';
import { readRpcTokens } from './rpc-tokens.js';

/** One caller with the tokens that prove it to the services it asks; makes that caller's clients. */
export class RpcIdentity {
  private readonly tokens: ReadonlyMap<RpcCallee, string>;

  /** `tokens` as RPC_TOKENS has them; empty on a machine where no service asks for proof. */
  constructor(
    private readonly caller: RpcCaller,
    tokens: string,
  ) {
    this.tokens = readRpcTokens(tokens) ?? new Map();
  }

  /** A client of the service at `address` ("host:port"). `timeoutMs` as in RpcClientOptions. */
  client(callee: RpcCallee, address: string, timeoutMs?: number): RpcClient {
    const token = this.tokens.get(callee);
    return new RpcClient({
      name: callee,
      ...parseAddress(address),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(token === undefined ? {} : { proof: { caller: this.caller, token } }),
    });
  }
}
