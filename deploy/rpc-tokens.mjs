// The tokens by which services prove themselves to each other. No build is needed to run this: deploy/make-env.mjs and
// `npm start` use it; tools/deploy/rpc-tokens.spec.ts holds it against libs/runtime and the table of libs/contracts.
import { createHmac } from 'node:crypto';

/** The services that call each other. */
export const RPC_PAIRS = {
  gateway: ['wallet-ledger', 'checkout', 'usage-metering', 'invoicing'],
  checkout: ['wallet-ledger'],
  'usage-metering': ['invoicing'],
  invoicing: ['wallet-ledger', 'checkout', 'usage-metering'],
  spender: ['wallet-ledger'],
};

/** As rpcTokenOf of libs/runtime. */
export const rpcToken = (secret, caller) =>
  createHmac('sha256', secret).update(`orbit-rpc:${caller}`).digest('hex');

/** RPC_TOKENS of `caller`; `secrets` by the name of the service that is asked. */
export const rpcTokens = (secrets, caller) =>
  RPC_PAIRS[caller].map((callee) => `${callee}=${rpcToken(secrets[callee], caller)}`).join(',');
