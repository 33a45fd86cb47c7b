/** One request of each shape: the same parameters on the same route count once. */
export interface LoggedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
}

const SHAPES_MAX = 1_000;

/**
 * Which requests the sandbox has carried out, in memory: developers see what the product asks of Stripe, and
 * tests put the same to Stripe's published OpenAPI.
 */
export class RequestLog {
  private readonly shapes = new Map<string, LoggedRequest>();

  note(request: LoggedRequest): void {
    const shape = shapeOf(request);
    if (this.shapes.has(shape) || this.shapes.size >= SHAPES_MAX) return;
    this.shapes.set(shape, request);
  }

  list(): readonly LoggedRequest[] {
    return [...this.shapes.values()];
  }
}

/** Ids and list positions do not make another shape; names and short words (enums, flags) do. */
function shapeOf({ method, path, body }: LoggedRequest): string {
  const [route = '', query = ''] = path.split('?');
  const names = [...new URLSearchParams(body || query)].map(([name, value]) => {
    const isWord = /^[a-z_]{1,30}$/.test(value);
    return `${name.replace(/\[\d+\]/g, '[]')}=${isWord ? value : ''}`;
  });
  // An id has a digit or a capital; `payment_intents` is a name.
  const place = route.replace(/\/(?=[^/]*[0-9A-Z])[a-z]+_\w{6,}/g, '/:id');
  return [method, place, ...names.sort()].join('&');
}
