const URL_LENGTH_MAX = 2_048;

/**
 * Why events cannot go to an address; null: they can. Live accounts take https and public hosts alone, because whoever
 * may name an address could otherwise make this service call what only it can reach.
 */
export function urlFault(text: string, mode: 'live' | 'test'): string | null {
  if (text.length > URL_LENGTH_MAX) return `url has at most ${URL_LENGTH_MAX} characters`;
  const url = parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    return 'url is an address such as https://example.com/webhooks';
  }
  if (url.username !== '' || url.password !== '') return 'url names no user and no password';
  if (mode === 'test') return null;
  if (url.protocol !== 'https:') return 'url begins with https:// for a live account';
  return isPrivateHost(url.hostname) ? 'url names a host of a private network' : null;
}

/** Whether a name or a literal address can only be meant for inside. */
function isPrivateHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (/^[\d.]+$/.test(name) || name.includes(':')) return isPrivateAddress(name);
  return !name.includes('.') || /(^|\.)(localhost|local|internal|home\.arpa)$/i.test(name);
}

/** Whether an address of IPv4 or IPv6 is none of the public internet. */
export function isPrivateAddress(address: string): boolean {
  if (!address.includes(':')) return isPrivateV4(address.split('.').map(Number));
  const groups = groupsOf(address);
  if (groups === null) return true;
  const [first = 0, second = 0] = groups;
  const tail = groups.slice(6);
  const v4 = tail.flatMap((group) => [group >> 8, group & 0xff]);
  const isAllZero = groups.slice(0, 5).every((group) => group === 0);
  // ::, ::1, and IPv4 written as IPv6.
  if (isAllZero && (groups[5] === 0 || groups[5] === 0xffff)) return isPrivateV4(v4);
  // NAT64 and 6to4 lead to an IPv4 address.
  if (first === 0x64 && second === 0xff9b) return isPrivateV4(v4);
  if (first === 0x2002) {
    return isPrivateV4(groups.slice(1, 3).flatMap((group) => [group >> 8, group & 0xff]));
  }
  // Only 2000::/3 is routed; of it, 2001:db8::/32 is for documents.
  return (first & 0xe000) !== 0x2000 || (first === 0x2001 && second === 0xdb8);
}

/** The eight groups of an IPv6 address; null: it is none. */
function groupsOf(address: string): readonly number[] | null {
  const url = parse(`http://[${address.replace(/%.*$/, '')}]`);
  if (!url) return null;
  const [head = '', tail = ''] = url.hostname.slice(1, -1).split('::');
  const read = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
  const [before, after] = [read(head), read(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function isPrivateV4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true;
  if (a === 100) return b >= 64 && b < 128;
  if (a === 169) return b === 254;
  if (a === 172) return b >= 16 && b < 32;
  if (a === 192) return b === 168 || (b === 0 && (c === 0 || c === 2));
  if (a === 198) return b === 18 || b === 19 || (b === 51 && c === 100);
  return a === 203 && b === 0 && c === 113;
}

const parse = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null);
