import { RedirectError } from './errors.js';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** These keep method and body; after the others a client asks for another thing than it meant. */
const KEEPING = new Set([307, 308]);

export interface Redirected {
  readonly status: number;
  readonly location: string | null;
}

export const isRedirect = (status: number): boolean => REDIRECTS.has(status);

/**
 * Where a request goes on: within its origin (scheme, host, port) alone, so that no key and no body reach
 * another server, and with its own method. Throws where it must not go on.
 */
export function nextAddress(from: URL, method: string, { status, location }: Redirected): URL {
  const here = `Orbit Billing at ${from.origin} redirects (${status})`;
  if (location === null || !URL.canParse(location, from.href)) {
    throw new RedirectError(`${here} without an address that can be read.`, status, null);
  }
  const to = new URL(location, from);
  const shown = shownAddress(to);
  const refused = (why: string): RedirectError =>
    new RedirectError(`${here} to ${shown}${why}`, status, shown);
  if (to.origin !== from.origin) {
    throw refused(
      ', which is another origin. The key was not sent there; if that is where Orbit Billing runs, give it as baseUrl.',
    );
  }
  if (to.username !== '' || to.password !== '') throw refused(' with a user and password.');
  if (method !== 'GET' && !KEEPING.has(status)) {
    throw refused(`, which would turn the ${method} into a GET. It may not have been carried out.`);
  }
  return to;
}

export const tooMany = (from: URL, status: number): RedirectError =>
  new RedirectError(
    `Orbit Billing at ${from.origin} redirects (${status}) again and again.`,
    status,
    shownAddress(from),
  );

/**
 * The part of an address that a log may hold: user, query and fragment may be secrets, and `data:` may be anything.
 */
function shownAddress(url: URL): string {
  return url.protocol === 'http:' || url.protocol === 'https:'
    ? url.origin + url.pathname
    : url.protocol;
}
