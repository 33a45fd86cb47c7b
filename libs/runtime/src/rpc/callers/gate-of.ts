import type { RpcCallee } from '@orbit/contracts';
import { ConfigurationError } from '../../config.js';
import { CallerGate } from './caller-gate.js';

export interface GateSettings {
  readonly ORBIT_ENV: string;
  readonly RPC_SECRET?: string;
  readonly RPC_SECRET_PREVIOUS?: string;
}

/**
 * The gate of a service by its configuration; null where it has no secret, as on a developer's machine.
 * Errors: ConfigurationError in production without a secret.
 */
export function callerGateOf(callee: RpcCallee, settings: GateSettings): CallerGate | null {
  const { ORBIT_ENV, RPC_SECRET, RPC_SECRET_PREVIOUS } = settings;
  if (RPC_SECRET !== undefined)
    return new CallerGate(callee, [
      RPC_SECRET,
      ...(RPC_SECRET_PREVIOUS ? [RPC_SECRET_PREVIOUS] : []),
    ]);
  if (ORBIT_ENV === 'production')
    throw new ConfigurationError([
      'RPC_SECRET is not set: in production whoever asks over RPC must prove who it is. ' +
        'deploy/make-env.mjs makes it, with the RPC_TOKENS of the callers.',
    ]);
  return null;
}
