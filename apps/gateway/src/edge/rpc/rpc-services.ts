/** The part of `RpcClient` that these adapters need: one question, one answer, operating errors as OrbitError. */
export interface Rpc {
  call<T>(pattern: string, payload: unknown, timeoutMs?: number): Promise<T>;
}
