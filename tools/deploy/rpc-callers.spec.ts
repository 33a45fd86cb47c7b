// Goal: who may ask whom is one table; the tokens, the network policies and the contracts agree with it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as contracts from '@orbit/contracts';
import { mayCall, RPC_ALLOWED, RPC_CALLEES, RPC_CALLERS, type RpcCallee } from '@orbit/contracts';
import { rpcTokenOf } from '@orbit/runtime';
import { loadAll } from 'js-yaml';
import { RPC_PAIRS, rpcToken } from '../../deploy/rpc-tokens.mjs';

interface Policy {
  readonly kind: string;
  readonly spec: {
    readonly podSelector: { readonly matchLabels?: { readonly app: string } };
    readonly ingress: readonly {
      readonly from?: readonly {
        readonly podSelector?: {
          readonly matchExpressions: readonly { readonly values: readonly string[] }[];
        };
      }[];
      readonly ports: readonly { readonly port: number }[];
    }[];
  };
}
const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const callersOf = (callee: RpcCallee): string[] => Object.keys(RPC_ALLOWED[callee]).sort();

test('make-env.mjs makes a token for each pair of the table, and the one that the service expects', () => {
  const pairs = RPC_PAIRS as Readonly<Record<string, readonly string[]>>;
  expect(Object.keys(pairs).sort()).toEqual([...RPC_CALLERS].sort());
  for (const callee of RPC_CALLEES) {
    const makes = RPC_CALLERS.filter((caller) => pairs[caller]?.includes(callee));
    expect([callee, ...makes.sort()]).toEqual([callee, ...callersOf(callee)]);
  }
  expect(rpcToken('a secret', 'gateway')).toBe(rpcTokenOf('a secret', 'gateway'));
});

test.each(RPC_CALLEES)('network.yaml lets to the RPC port of %s whom the table names', (callee) => {
  const policies = loadAll(read('deploy/kubernetes/network.yaml')) as Policy[];
  const allowed = policies
    .filter(({ spec }) => spec.podSelector.matchLabels?.app === callee)
    .flatMap(({ spec }) => spec.ingress)
    .filter(({ ports }) => ports.some(({ port }) => port === 4000))
    .flatMap(({ from = [] }) => from)
    .flatMap(({ podSelector }) => podSelector?.matchExpressions ?? [])
    .flatMap(({ values }) => values);
  expect(allowed.sort()).toEqual(callersOf(callee));
});

test('every operation of the contracts may be asked by somebody', () => {
  const named = Object.values(contracts as Readonly<Record<string, unknown>>)
    .filter((value) => typeof value === 'object' && value !== null)
    .flatMap((value) => Object.values(value as object) as unknown[])
    .filter((one): one is { name: string; request: unknown } =>
      Boolean(one && typeof one === 'object' && 'name' in one && 'request' in one),
    );
  expect(named.length).toBeGreaterThan(60);
  const nobodys = named.filter(
    ({ name }) =>
      !RPC_CALLEES.some((callee) =>
        Object.keys(RPC_ALLOWED[callee]).some((caller) => mayCall(callee, caller, name)),
      ),
  );
  expect(nobodys.map(({ name }) => name)).toEqual([]);
});
