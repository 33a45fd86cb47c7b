import { DOCUMENT, type DocumentParameter, type Schema } from './document.js';

export type OrbMethod = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';

export interface OrbOperation {
  /** As the document names it: `create-customer`. */
  readonly id: string;
  readonly method: OrbMethod;
  /** Below the base URL: `/customers/{customer_id}`. */
  readonly path: string;
  readonly tag: string;
  readonly successStatus: number;
  readonly pathParameters: readonly DocumentParameter[];
  readonly queryParameters: readonly DocumentParameter[];
  /** Null: takes no body. */
  readonly bodySchema: Schema | null;
  /** A body may be left out, or be empty. */
  readonly isBodyOptional: boolean;
  /** Null: answers without a body. */
  readonly responseSchema: Schema | null;
  /** Returns a page: `data` and `pagination_metadata`. */
  readonly isPaginated: boolean;
  /** Keeps the answer under the caller's Idempotency-Key. */
  readonly isIdempotent: boolean;
}

/** Routes that only a seed names, served as the operation that means the same. */
const ALIASES: readonly (readonly [OrbMethod, string, string])[] = [
  ['PUT', '/events/{event_id}/amend', 'amend-event'],
  ['POST', '/customers/{customer_id}/credits/ledger_entries', 'create-ledger-entry'],
];

/** As `ALIASES`, and the one that says in its body which operation it means. */
export const SEED_ROUTES: readonly (readonly [OrbMethod, string, string])[] = [
  ...ALIASES,
  ['POST', '/alerts', 'create-customer-alert'],
];

/** Query parameters that only a seed names. */
const SEED_PARAMETERS: Readonly<Record<string, readonly DocumentParameter[]>> = {
  ingest: [{ name: 'debug', in: 'query', required: false, schema: { type: 'boolean' } }],
};

export const ORB_OPERATIONS: readonly OrbOperation[] = Object.entries(DOCUMENT.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([name, operation]): OrbOperation => {
      const method = name.toUpperCase() as OrbMethod;
      const [[status, responseSchema]] = Object.entries(operation.responses) as [
        [string, Schema | null],
      ];
      const { requestBody } = operation;
      return {
        id: operation.operationId,
        method,
        path,
        tag: operation.tag,
        successStatus: Number(status),
        pathParameters: operation.parameters.filter((parameter) => parameter.in === 'path'),
        queryParameters: [
          ...operation.parameters
            .filter((parameter) => parameter.in === 'query')
            .map((parameter) => withLimit(operation.operationId, parameter)),
          ...(SEED_PARAMETERS[operation.operationId] ?? []),
        ],
        bodySchema: requestBody?.schema ?? null,
        isBodyOptional: requestBody?.required !== true,
        responseSchema,
        isPaginated: isPage(responseSchema),
        isIdempotent: method === 'POST' || method === 'PATCH',
      };
    }),
);

/** Longer pages than the document has: Orb's page of `GET /plans` says 1,000. */
function withLimit(operationId: string, parameter: DocumentParameter): DocumentParameter {
  if (operationId !== 'list-plans' || parameter.name !== 'limit') return parameter;
  return { ...parameter, schema: { ...parameter.schema, maximum: 1_000 } };
}

const BY_ID = new Map(ORB_OPERATIONS.map((operation) => [operation.id, operation]));

export const findOperation = (id: string): OrbOperation | undefined => BY_ID.get(id);

/** Every route that is served: the document's, then the seeds' other names of them. */
export const ORB_ROUTES: readonly {
  readonly method: OrbMethod;
  readonly path: string;
  readonly operation: OrbOperation;
}[] = [
  ...ORB_OPERATIONS.map((operation) => ({
    method: operation.method,
    path: operation.path,
    operation,
  })),
  ...ALIASES.flatMap(([method, path, id]) => {
    const operation = BY_ID.get(id);
    return operation ? [{ method, path, operation }] : [];
  }),
];

function isPage(schema: Schema | null): boolean {
  const reference = schema?.['$ref'];
  if (typeof reference !== 'string') return false;
  const target = DOCUMENT.components.schemas[reference.split('/').at(-1) ?? ''];
  return Object.hasOwn((target?.['properties'] ?? {}) as object, 'pagination_metadata');
}
