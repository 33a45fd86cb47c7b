import {
  bodyFaults,
  findOperation,
  queryFaults,
  readQuery,
  responseFaults,
  type OrbOperation,
} from '@orbit/orb-api';
import { WRONG_VALUES, wrongBodies } from './wrong-values.js';

type Body = Readonly<Record<string, unknown>>;
interface Answer {
  readonly status: number;
  readonly body: string | null;
}
interface AttackedRequest {
  readonly body: Body;
  readonly query: ReturnType<typeof readQuery>['values'];
}

/** An operation of the contract, as its owner serves it. */
export interface AttackedOperation {
  readonly id: string;
  /** Requests that are taken; each place of a body, and each parameter of a query, is exchanged in turn. */
  readonly bodies?: readonly Body[];
  /** Other parameters of the query: `limit=1`. */
  readonly query?: string;
  readonly serve: (request: AttackedRequest) => Promise<Answer>;
}

/** Texts that a parameter of a query may be given. */
const TEXTS = [
  ...['x', '-1', '0', '1e400', '9'.repeat(60), "'; DROP TABLE x; --", '😀', '%00', 'null', 'true'],
  ...['2026-02-30', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-05-01T00:00:00+99:00'],
];

/**
 * Sends the owner every wrong request that the contract alone would let pass. Returns what it did wrong: it threw, it
 * answered with a fault of ours or without a reason, it changed `state` though it refused, or its answer does not fit
 * the contract.
 */
export async function attackOwner(
  { id, bodies = [], query = '', serve }: AttackedOperation,
  state: () => Promise<unknown>,
): Promise<readonly string[]> {
  const operation = findOperation(id);
  if (!operation) throw new Error(`The contract has no ${id}.`);
  const wrong: string[] = [];
  let count = 0;
  let before = JSON.stringify(await state());
  const attack = async (what: string, request: AttackedRequest): Promise<void> => {
    count++;
    let answer: Answer;
    try {
      answer = await serve(request);
    } catch (error) {
      wrong.push(`${id} ${what}: threw ${String(error).slice(0, 300)}`);
      return;
    }
    const after = JSON.stringify(await state());
    const isRefused = answer.status >= 400;
    if (isRefused && after !== before) wrong.push(`${id} ${what}: refused, but something changed`);
    before = after;
    const fault = isRefused ? refusalFault(answer) : responseFault(operation, answer);
    if (fault !== null) wrong.push(`${id} ${what}: ${fault}`);
  };
  const { values } = readQuery(operation, query);
  for (const valid of bodies) {
    const own = bodyFaults(operation, valid);
    if (own.length > 0) throw new Error(`${id}: the sample is refused: ${own.join('; ')}`);
    for (const { path, value, body } of wrongBodies(valid, WRONG_VALUES)) {
      if (bodyFaults(operation, body).length > 0) continue;
      const shown = JSON.stringify(value)?.slice(0, 60) ?? 'left out';
      await attack(`${path} = ${shown}`, { body, query: values });
    }
  }
  for (const { name } of operation.queryParameters) {
    for (const text of TEXTS) {
      const part = `${encodeURIComponent(name)}=${encodeURIComponent(text)}`;
      const read = readQuery(operation, `${query}&${part}`);
      if (read.faults.length > 0 || queryFaults(operation, read.values).length > 0) continue;
      await attack(`?${name}=${text.slice(0, 60)}`, { body: bodies[0] ?? {}, query: read.values });
    }
  }
  if (count === 0) throw new Error(`${id}: the contract lets no wrong request pass.`);
  return wrong;
}

function refusalFault({ status, body }: Answer): string | null {
  if (status >= 500) return `${status}: ${body ?? ''}`;
  const { type, detail } = JSON.parse(body ?? '{}') as { type?: unknown; detail?: unknown };
  const isTold = typeof type === 'string' && typeof detail === 'string' && detail.length > 10;
  return isTold ? null : `${status} without a reason: ${body ?? ''}`;
}

function responseFault(operation: OrbOperation, { status, body }: Answer): string | null {
  if (status !== operation.successStatus) return `answered ${status}`;
  const faults = body === null ? [] : responseFaults(operation, JSON.parse(body) as unknown);
  return faults.length === 0 ? null : `answered ${faults.join('; ')}`;
}
