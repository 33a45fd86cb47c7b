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
    readonly egress?: readonly Rule[];
    readonly ingress?: readonly Rule[];
  };
}
interface Rule {
  readonly to?: Rule['from'];
  readonly from?: readonly {
    readonly podSelector?: {
      readonly matchExpressions: readonly { readonly values: readonly string[] }[];
    };
  }[];
  readonly ports: readonly { readonly port: number }[];
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

const policies = loadAll(read('deploy/kubernetes/network.yaml')) as Policy[];
const policiesOf = (service: string): Policy[] =>
  policies.filter(({ spec }) => spec.podSelector.matchLabels?.app === service);
const named = (peers: Rule['from'] = []): string[] =>
  peers.flatMap(({ podSelector }) =>
    (podSelector?.matchExpressions ?? []).flatMap(({ values }) => values),
  );
const isRpc = ({ ports }: Rule): boolean => ports.some(({ port }) => port === 4000);

test.each(RPC_CALLEES)('network.yaml lets to the RPC port of %s whom the table names', (callee) => {
  const rules = policiesOf(callee).flatMap(({ spec }) => spec.ingress ?? []);
  const allowed = rules.filter(isRpc).flatMap(({ from }) => named(from));
  expect(allowed.sort()).toEqual(callersOf(callee));
});

const SERVICES = RPC_CALLERS.filter((caller) => caller !== 'spender');
test.each(['wallet-ledger', ...SERVICES])(
  'network.yaml lets %s reach whom it may ask',
  (caller) => {
    const rules = policiesOf(caller).flatMap(({ spec }) => spec.egress ?? []);
    expect(rules).not.toHaveLength(0);
    const reached = rules.filter(isRpc).flatMap(({ to }) => named(to));
    const pairs = RPC_PAIRS as Readonly<Record<string, readonly string[]>>;
    expect(reached.sort()).toEqual([...(pairs[caller] ?? [])].sort());
  },
);

test('every operation of the contracts may be asked by somebody', () => {
  const operations = Object.values(contracts as Readonly<Record<string, unknown>>)
    .filter((value) => typeof value === 'object' && value !== null)
    .flatMap((value) => Object.values(value as object) as unknown[])
    .filter((one): one is { name: string; request: unknown } =>
      Boolean(one && typeof one === 'object' && 'name' in one && 'request' in one),
    );
  expect(operations.length).toBeGreaterThan(60);
  const nobodys = operations.filter(
    ({ name }) =>
      !RPC_CALLEES.some((callee) =>
        Object.keys(RPC_ALLOWED[callee]).some((caller) => mayCall(callee, caller, name)),
      ),
  );
  expect(nobodys.map(({ name }) => name)).toEqual([]);
});
