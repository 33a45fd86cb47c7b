import { mayCall, type RpcCallee } from '@orbit/contracts';
import { isRpcToken } from './rpc-tokens.js';

/** The caller that a call names, and its token. */
export interface CallerProof {
  readonly caller?: unknown;
  readonly token?: unknown;
}

/** `unproven`: no token, or one that is not this caller's. `not_allowed`: the table has no such line. */
export type CallRefusal = 'unproven' | 'not_allowed';

/** Decides whether a call is carried out: who asks must prove who he is, and may ask only what the table says. */
export class CallerGate {
  /** Tokens that were found right, so that a repeated one costs no hash. */
  private readonly proven = new Map<string, string>();

  /** `secrets`: the one in use, then the one before while callers change over. */
  constructor(
    private readonly callee: RpcCallee,
    private readonly secrets: readonly string[],
  ) {}

  /** Null: let it through. */
  refusalOf({ caller, token }: CallerProof, operation: string): CallRefusal | null {
    if (typeof caller !== 'string' || typeof token !== 'string') return 'unproven';
    if (!this.isProven(caller, token)) return 'unproven';
    return mayCall(this.callee, caller, operation) ? null : 'not_allowed';
  }

  private isProven(caller: string, token: string): boolean {
    if (this.proven.get(caller) === token) return true;
    if (!this.secrets.some((secret) => isRpcToken(token, secret, caller))) return false;
    this.proven.set(caller, token);
    return true;
  }
}
