import { InvariantViolation } from '@orbit/kernel';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(?:tcp:\/\/)?(\[[0-9a-fA-F:]+\]|[^:/\s]+):(\d{1,5})$/;

/** "host:port" as WALLET_LEDGER_RPC and its like carry it; IPv6 hosts stand in brackets. */
export function parseAddress(text: string): Address {
  const match = ADDRESS.exec(text.trim());
  const port = Number(match?.[2]);
  if (!match?.[1] || port < 1 || port > 65_535) {
    throw new InvariantViolation(`"${text}" is not an address of the form host:port`);
  }
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
}
