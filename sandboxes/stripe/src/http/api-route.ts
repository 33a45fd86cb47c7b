import type { PageQuery, Page } from '../world/ports.js';
import { toList } from './expand.js';
import type { Work } from '../world/work.js';
import type { FormObject } from './form.js';
import type { JsonObject, JsonValue } from './json.js';
import { nounOf, type BodyOf, type Kind } from '../world/objects.js';
import { list, readParams, text, type CreatedBounds, type ParamsOf, type Shape } from './params.js';
import { resourceMissing, type StripeError } from './stripe-error.js';

/** A returned error is committed and remembered (a declined card); a thrown one leaves no trace. */
export type RouteAnswer = JsonObject | StripeError;

export type HttpMethod = 'GET' | 'POST' | 'DELETE';

/** One line of Stripe's API: where it is, which parameters it knows, what it does. */
export interface ApiRoute {
  readonly method: HttpMethod;
  /** `:id` stands for one segment. */
  readonly path: string;
  run(work: Work, form: FormObject, id: string): Promise<RouteAnswer>;
}

/** Declares a route; every route takes `expand[]` besides its own parameters. */
export function route<S extends Shape>(
  method: HttpMethod,
  path: string,
  shape: S,
  handle: (work: Work, params: ParamsOf<S>, id: string) => Promise<RouteAnswer>,
): ApiRoute {
  const known = { ...shape, expand: list(text(200)) };
  return {
    method,
    path,
    run: (work, form, id) => handle(work, readParams(known, form) as ParamsOf<S>, id),
  };
}

/** Finds the route of a request, and the id in its path. */
export function matchRoute(
  routes: readonly ApiRoute[],
  method: string,
  path: string,
): { readonly route: ApiRoute; readonly id: string } | null {
  const given = path.split('/');
  for (const candidate of routes) {
    if (candidate.method !== method) continue;
    const wanted = candidate.path.split('/');
    if (wanted.length !== given.length) continue;
    const fits = wanted.every((segment, i) => segment.startsWith(':') || segment === given[i]);
    const at = wanted.findIndex((segment) => segment.startsWith(':'));
    if (fits) return { route: candidate, id: at === -1 ? '' : decodeURIComponent(given[at] ?? '') };
  }
  return null;
}

const LIMIT_DEFAULT = 10;

interface ListParams {
  readonly limit?: number | undefined;
  readonly starting_after?: string | undefined;
  readonly ending_before?: string | undefined;
  readonly created?: CreatedBounds | undefined;
}

export function pageQuery(
  params: ListParams,
  where: Readonly<Record<string, JsonValue | undefined>>,
): PageQuery {
  return {
    limit: params.limit ?? LIMIT_DEFAULT,
    startingAfter: params.starting_after,
    endingBefore: params.ending_before,
    created: params.created,
    where,
  };
}

/** Returns a list route. A cursor that names nothing is refused, as Stripe does. */
export async function listAnswer<K extends Kind>(
  work: Work,
  kind: K,
  params: ListParams,
  where: Readonly<Record<string, JsonValue | undefined>>,
  url: string,
): Promise<JsonObject> {
  const page: Page<BodyOf<K>> | null = await work.tx.list(kind, pageQuery(params, where));
  if (page === null) throw cursorMissing(nounOf(kind), params);
  return toList(page.data, url, page.hasMore);
}

export function cursorMissing(noun: string, params: ListParams): StripeError {
  const [param, id] =
    params.starting_after === undefined
      ? ['ending_before', params.ending_before]
      : ['starting_after', params.starting_after];
  return resourceMissing(noun, id ?? '', param);
}
