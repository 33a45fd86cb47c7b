import { ClientTCP } from '@nestjs/microservices';
import { OrbitError } from '@orbit/contracts';
import { isNativeError } from 'node:util/types';
import { lastValueFrom, timeout, TimeoutError } from 'rxjs';
import { parseAddress } from '../address.js';
import { currentTrace } from '../tracing/current-trace.js';
import { inSpan, isTracing } from '../tracing/spans.js';
import { fromWireError } from './rpc-error.js';

/** Characters in one RPC message. A PDF of several MB passes as base64; a runaway answer does not. */
export const RPC_MESSAGE_SIZE_MAX = 64 * 1024 * 1024;
const TIMEOUT_MS_DEFAULT = 5_000;

export interface RpcClientOptions {
  /** Whom it calls; used in error messages. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Longest wait for an answer, connecting included. Default 5,000. */
  readonly timeoutMs?: number;
  /** Sent with each call; a service that asks for proof refuses calls without it (`CallerGate`). */
  readonly proof?: { readonly caller: string; readonly token: string };
}

/**
 * Calls another service over Nest TCP: one connection, opened by the first call and again after it was lost.
 * Errors: what the other side threw, as the same OrbitError; `unavailable` when it cannot be reached or hangs
 * up; `timeout` when it does not answer in time. After either of these the call may have been carried out.
 */
export class RpcClient {
  private readonly client: ClientTCP;
  private readonly timeoutMs: number;

  constructor(private readonly options: RpcClientOptions) {
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS_DEFAULT;
    this.client = new QuietClientTcp({
      host: options.host,
      port: options.port,
      maxBufferSize: RPC_MESSAGE_SIZE_MAX,
    });
    this.client.setOnDispatchHook((packet) => {
      const trace = currentTrace();
      if (trace || options.proof) packet.metadata = { ...options.proof, ...trace };
    });
  }

  static at(name: string, address: string, timeoutMs?: number): RpcClient {
    return new RpcClient({
      name,
      ...parseAddress(address),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  call<T>(pattern: string, payload: unknown, timeoutMs = this.timeoutMs): Promise<T> {
    if (!isTracing()) return this.send(pattern, payload, timeoutMs);
    const attributes = { 'rpc.system': 'nest_tcp', 'rpc.method': pattern };
    const named = { ...attributes, 'server.address': this.options.name };
    return inSpan(pattern, { kind: 'client', attributes: named }, () =>
      this.send<T>(pattern, payload, timeoutMs),
    );
  }

  private async send<T>(pattern: string, payload: unknown, timeoutMs: number): Promise<T> {
    try {
      return await lastValueFrom(
        this.client.send<T>(pattern, payload ?? {}).pipe(timeout({ each: timeoutMs })),
        { defaultValue: null as T },
      );
    } catch (error) {
      throw this.toOrbitError(error, pattern);
    }
  }

  close(): void {
    this.client.close();
  }

  private toOrbitError(error: unknown, pattern: string): OrbitError {
    const { name } = this.options;
    const remote = fromWireError(error);
    if (remote) return remote;
    if (error instanceof TimeoutError) {
      return new OrbitError('timeout', `${name} did not answer ${pattern} in time.`, {
        cause: error,
      });
    }
    if (isNativeError(error)) {
      return new OrbitError('unavailable', `${name} is temporarily unavailable.`, { cause: error });
    }
    // Nest answers a plain text or {status, message} where no handler or filter of ours took part.
    const cause = typeof error === 'string' ? error : JSON.stringify(error);
    return new OrbitError('internal', `${name} could not carry out ${pattern}.`, { cause });
  }
}

/** A lost connection reaches the caller as an error; Nest would print it a second time. */
class QuietClientTcp extends ClientTCP {
  override handleError(): void {}

  /** Nest keeps a refused attempt until its socket has closed; the next call must not get that answer too. */
  override async connect(): Promise<unknown> {
    try {
      return await super.connect();
    } catch (error) {
      this.handleClose();
      throw error;
    }
  }
}
