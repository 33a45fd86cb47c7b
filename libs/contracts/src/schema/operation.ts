import type { ErrorCode } from '../errors.js';
import type { Shape } from './shape.js';

/**
 * One question to another service, in one definition: the name on the wire, what is asked and answered, and
 * what may be refused. The service validates by it, its caller is typed by it, the OpenAPI document shows it.
 */
export interface Operation<Q, A> {
  readonly name: string;
  readonly request: Shape<Q>;
  readonly answer: Shape<A>;
  /** Besides `invalid_field`, which every operation with fields may answer. */
  readonly errors: readonly ErrorCode[];
  /** Longest wait of a caller, in milliseconds, where it is not the usual one. */
  readonly timeoutMs?: number;
}

export function operation<Q, A>(
  name: string,
  request: Shape<Q>,
  answer: Shape<A>,
  errors: readonly ErrorCode[] = [],
  options: { readonly timeoutMs?: number } = {},
): Operation<Q, A> {
  return { name, request, answer, errors, ...options };
}

/** Operations of one feature of one service. */
export type Contract = Readonly<Record<string, Operation<unknown, unknown>>>;

/** A function for each operation. Errors: what the service throws, as OrbitError; `unavailable`, `timeout`. */
export type Client<C extends Contract> = {
  readonly [K in keyof C]: C[K] extends Operation<infer Q, infer A>
    ? (request: Q) => Promise<A>
    : never;
};

/** The part of `RpcClient` that a client needs: one question, one answer, operating errors as OrbitError. */
export interface Transport {
  call<T>(pattern: string, payload: unknown, timeoutMs?: number): Promise<T>;
}

export function rpcClient<C extends Contract>(contract: C, transport: Transport): Client<C> {
  const functions = Object.entries(contract).map(([key, { name, timeoutMs }]) => [
    key,
    (request: unknown) => transport.call(name, request, timeoutMs),
  ]);
  return Object.fromEntries(functions) as Client<C>;
}

/** The names on the wire, by key. */
export const namesOf = <C extends Contract>(contract: C): { readonly [K in keyof C]: string } =>
  Object.fromEntries(Object.entries(contract).map(([key, { name }]) => [key, name])) as {
    readonly [K in keyof C]: string;
  };
