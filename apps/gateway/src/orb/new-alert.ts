/** Names in the body of `POST /v1/alerts`, and the paths of the contract that take what remains. */
const SCOPES = ['customer_id', 'external_customer_id', 'subscription_id', 'plan_id'] as const;

const PATH = /^\/alerts\/?$/;

/** A request as the contract has it. */
export interface Scoped {
  readonly path: string;
  readonly body: unknown;
}

/**
 * `POST /v1/alerts` is the seed's own: it names in its body what the alert watches, where the contract names it in the
 * path. Null: the request is another one. A text: what is wrong with it.
 */
export function scopedAlert(method: string, path: string, body: unknown): Scoped | string | null {
  if (method !== 'POST' || !PATH.test(path)) return null;
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const named = SCOPES.filter((scope) => (fields[scope] ?? null) !== null);
  const [scope] = named;
  const id = scope === undefined ? null : fields[scope];
  if (scope === undefined || named.length > 1 || typeof id !== 'string' || id === '') {
    return `customer_id: give exactly one of ${SCOPES.join(', ')}, as a text`;
  }
  const rest = Object.entries(fields).filter(
    ([name]) => !(SCOPES as readonly string[]).includes(name),
  );
  return { path: `/alerts/${scope}/${encodeURIComponent(id)}`, body: Object.fromEntries(rest) };
}
