import { isIP } from 'node:net';

/** Groups of an IPv6 address that name the network of one customer of a provider: /64. */
const NETWORK_GROUPS = 4;
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/**
 * The unit by which wrong keys are counted: an IPv4 address, or the /64 of an IPv6 address, all of which one caller
 * may use. An IPv4 address written as IPv6 is itself.
 */
export function addressBlock(address: string): string {
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [bare = ''] = address.split('%', 1);
  if (isIP(bare) !== 6) return bare;
  const [head = '', tail] = bare.split('::', 2);
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const groups = [...before, ...zeros, ...after].slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** The last four bytes may be written as IPv4; they stand for two groups, which no network shows. */
const groupsOf = (text: string): readonly string[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
