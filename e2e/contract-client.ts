import { findOperation, responseFaults, type OrbOperation } from '@orbit/orb-api';
import { expect } from '@jest/globals';

type Fields = Readonly<Record<string, unknown>>;
export type Got = Fields & { readonly id: string };

export interface Given {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A caller of Orb's API who holds every answer against the contract. */
export class ContractClient {
  /** Operations that answered as the contract says. */
  readonly seen = new Set<string>();

  constructor(
    private readonly gatewayUrl: string,
    private readonly apiKey: string,
  ) {}

  /** Expects success; what was answered, `{}` where there is no body. */
  async ask(operationId: string, { path = {}, query, body, headers }: Given = {}): Promise<Got> {
    const operation = findOperation(operationId);
    if (!operation) throw new Error(`${operationId} is no operation`);
    const at = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      return encodeURIComponent(path[name] ?? `no ${name}`);
    });
    const search = query ? `?${new URLSearchParams(query).toString()}` : '';
    const answer = await this.send(operation.method, `${at}${search}`, body, headers);
    this.hold(operation, answer);
    return (answer.shown ?? {}) as Got;
  }

  /** Another route of an operation. */
  async askAt(operationId: string, at: string, body: unknown): Promise<Got> {
    const operation = findOperation(operationId) as OrbOperation;
    const answer = await this.send(operation.method, at, body);
    this.hold(operation, answer);
    return answer.shown as Got;
  }

  async send(method: string, at: string, body?: unknown, headers: Given['headers'] = {}) {
    const response = await fetch(`${this.gatewayUrl}/v1${at}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.apiKey}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const shown = (text === '' ? undefined : JSON.parse(text)) as Fields | undefined;
    return { status: response.status, shown };
  }

  private hold(
    operation: OrbOperation,
    { status, shown }: { readonly status: number; readonly shown: Fields | undefined },
  ): void {
    const { id, successStatus } = operation;
    expect({ id, status, shown }).toMatchObject({ id, status: successStatus });
    expect([id, ...responseFaults(operation, shown)]).toEqual([id]);
    this.seen.add(id);
  }
}
