import { Billing } from './billing.js';
import { HttpCaller, type OrbitOptions } from './http.js';
import { pages } from './pages.js';

/** The Orbit Billing API. `new Orbit({ apiKey, baseUrl })`, then `orbit.billing.getBalance()`. */
export class Orbit {
  readonly billing: Billing;
  /** Walks a list page by page. */
  readonly pages = pages;

  constructor(options: OrbitOptions) {
    this.billing = new Billing(new HttpCaller(options));
  }
}

/** The name that the first generation of the documents uses. */
export { Orbit as Devotel };
export { Billing } from './billing.js';
export * from './errors.js';
export type { CallOptions, OrbitOptions } from './http.js';
export type { ErrorCode, ErrorType } from './error-catalogue.js';
export { pages } from './pages.js';
export type * from './schema.js';
