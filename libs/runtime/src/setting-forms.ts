/** The fault in a value, as the rest of a sentence that begins with the variable; null when nothing is. */
export type Fault = string | null;

const PORT_MAX = 65_535;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const HEADER_CHARACTERS = /^[\x21-\x7e]*$/;

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

const isPort = (text: string): boolean =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= PORT_MAX;

/** White space within is a line that was pasted into another, or a list where one was meant. */
const faultOfUrlText = (text: string): Fault =>
  /\s/.test(text) ? 'has white space in it' : CONTROL.test(text) ? 'has a control character' : null;

function faultOfServerUrl(text: string, schemes: readonly string[]): Fault {
  const spaced = faultOfUrlText(text);
  if (spaced !== null) return spaced;
  const url = urlOf(text);
  if (url === null || !text.includes('://')) return 'is not a URL';
  const scheme = url.protocol.slice(0, -1);
  if (!schemes.includes(scheme))
    return `must begin with ${schemes.map((s) => `${s}://`).join(' or ')}`;
  if (url.port === '0') return 'has port 0';
  return null;
}

export function faultOfDatabaseUrl(text: string): Fault {
  const fault = faultOfServerUrl(text, ['postgresql', 'postgres']);
  if (fault !== null) return fault;
  const url = new URL(text);
  // A socket's folder may stand in the query instead.
  if (url.hostname === '' && !url.searchParams.has('host')) return 'names no host';
  if (!/^(\/[^/]*)?$/.test(url.pathname))
    return 'has more than the name of a database behind its host';
  return isDecodable(url) ? null : 'has a % that is not followed by two hexadecimal digits';
}

export function faultOfRedisUrl(text: string): Fault {
  const fault = faultOfServerUrl(text, ['redis', 'rediss']);
  if (fault !== null) return fault;
  const url = new URL(text);
  if (url.hostname === '') return 'names no host';
  if (!/^\/?\d{0,4}$/.test(url.pathname)) return 'has a path that is not the number of a database';
  return isDecodable(url) ? null : 'has a % that is not followed by two hexadecimal digits';
}

function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?)$/;

/** One or several `host:port`, separated by commas. */
export function faultOfAddresses(text: string, countMax = Infinity): Fault {
  const parts = text.split(',');
  if (parts.length > countMax) return 'must be one host:port';
  for (const [index, part] of parts.entries()) {
    const which = parts.length > 1 ? `address ${index + 1} ` : '';
    if (part === '') return `${which}is empty`.trimStart();
    if (/\s/.test(part)) return `${which}has white space in it`.trimStart();
    const at = part.lastIndexOf(':');
    if (at === -1) return `${which}has no port`.trimStart();
    if (!HOST.test(part.slice(0, at))) return `${which}has no host name before its port`;
    if (!isPort(part.slice(at + 1))) return `${which}has no port from 1 to ${PORT_MAX}`;
  }
  return null;
}

export function faultOfHttpUrl(text: string, isBase: boolean): Fault {
  const fault = faultOfServerUrl(text, ['http', 'https']);
  if (fault !== null) return fault;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must not carry a user or a password';
  if (isBase && (url.search !== '' || url.hash !== '')) return 'must end before any ? or #';
  return null;
}

export function faultOfWholeNumber(value: unknown, min: number, max: number): Fault {
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value);
  if (isWhole && value >= min && value <= max) return null;
  return `must be a whole number from ${min} to ${max}`;
}

export function faultOfSecret(text: string, charactersMin: number): Fault {
  if (CONTROL.test(text)) return 'has a line break or another control character in it';
  return text.length < charactersMin ? `must have ${charactersMin} characters or more` : null;
}

export function faultOfHeaderSecret(text: string, charactersMin: number): Fault {
  if (CONTROL.test(text)) return 'has a line break or another control character in it';
  if (/\s/.test(text)) return 'has white space in it';
  if (!HEADER_CHARACTERS.test(text))
    return 'has a character that no HTTP header carries unchanged (allowed is visible ASCII)';
  return faultOfSecret(text, charactersMin);
}

export function faultOfText(text: string, charactersMax: number): Fault {
  if (CONTROL.test(text)) return 'has a line break or another control character in it';
  return text.length > charactersMax ? `must have ${charactersMax} characters at most` : null;
}

const KAFKA_NAME_CHARACTERS_MAX = 100;

export function faultOfName(text: string, mayBeEmpty: boolean): Fault {
  if (text === '') return mayBeEmpty ? null : 'is empty';
  if (!/^[A-Za-z0-9._-]+$/.test(text)) return 'may have letters, digits, ".", "_" and "-" only';
  return text.length > KAFKA_NAME_CHARACTERS_MAX
    ? `must have ${KAFKA_NAME_CHARACTERS_MAX} characters at most`
    : null;
}
