import { CallerGate } from './caller-gate.js';
import { callerGateOf } from './gate-of.js';
import { readRpcTokens, rpcTokenOf } from './rpc-tokens.js';

const SECRET = 'a secret of the ledger, 32 characters';
const PREVIOUS = 'the one before it, 32 characters long';
const gate = new CallerGate('wallet-ledger', [SECRET, PREVIOUS]);
const as = (caller: string, secret = SECRET) => ({ caller, token: rpcTokenOf(secret, caller) });

test('a caller with its token may ask what the table says, and nothing else', () => {
  expect(gate.refusalOf(as('checkout'), 'refund.reserve')).toBeNull();
  expect(gate.refusalOf(as('checkout'), 'wallet.adjust')).toBe('not_allowed');
  expect(gate.refusalOf(as('gateway'), 'wallet.adjust')).toBeNull();
  expect(gate.refusalOf(as('spender'), 'lease.open')).toBeNull();
  expect(gate.refusalOf(as('spender'), 'block.grant')).toBe('not_allowed');
});

test('a stranger, a token of somebody else and a made-up caller are refused', () => {
  expect(gate.refusalOf({}, 'wallet.adjust')).toBe('unproven');
  expect(gate.refusalOf({ caller: 'gateway' }, 'wallet.adjust')).toBe('unproven');
  expect(gate.refusalOf({ caller: 'gateway', token: '' }, 'wallet.adjust')).toBe('unproven');
  const stolen = { caller: 'gateway', token: rpcTokenOf(SECRET, 'checkout') };
  expect(gate.refusalOf(stolen, 'wallet.adjust')).toBe('unproven');
  expect(gate.refusalOf(as('gateway', 'a secret of another service, 32 ch'), 'wallet.read')).toBe(
    'unproven',
  );
  expect(gate.refusalOf(as('nobody'), 'wallet.adjust')).toBe('not_allowed');
  expect(gate.refusalOf(as('constructor'), 'wallet.adjust')).toBe('not_allowed');
  expect(gate.refusalOf({ caller: ['gateway'], token: 1 }, 'wallet.adjust')).toBe('unproven');
});

test('tokens of the secret before go on being valid', () => {
  expect(gate.refusalOf(as('gateway', PREVIOUS), 'wallet.read')).toBeNull();
});

test('production without a secret is refused; a developer’s machine has no gate', () => {
  expect(() => callerGateOf('checkout', { ORBIT_ENV: 'production' })).toThrow(/RPC_SECRET/);
  expect(callerGateOf('checkout', { ORBIT_ENV: 'development' })).toBeNull();
  expect(callerGateOf('checkout', { ORBIT_ENV: 'production', RPC_SECRET: SECRET })).not.toBeNull();
});

test('RPC_TOKENS: one token per service, in one form', () => {
  const token = rpcTokenOf(SECRET, 'gateway');
  expect(readRpcTokens('')).toEqual(new Map());
  expect(readRpcTokens(`wallet-ledger=${token}, checkout=${token}`)?.size).toBe(2);
  for (const bad of [
    token,
    'wallet-ledger=',
    `ledger=${token}`,
    `checkout=${token},checkout=${token}`,
  ])
    expect(readRpcTokens(bad)).toBeNull();
});
