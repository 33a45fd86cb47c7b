/** What adapters need of `RpcClient`. */
export interface Rpc {
  call<T>(pattern: string, payload: unknown): Promise<T>;
}
