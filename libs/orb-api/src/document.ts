import { readFileSync } from 'node:fs';

/** A JSON Schema of the document. */
export type Schema = Readonly<Record<string, unknown>>;

export interface DocumentParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface DocumentOperation {
  readonly operationId: string;
  readonly tag: string;
  readonly parameters: readonly DocumentParameter[];
  readonly requestBody?: { readonly required: boolean; readonly schema: Schema };
  /** By status, the success alone. Null: no body. */
  readonly responses: Readonly<Record<string, Schema | null>>;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** The pinned contract, without prose. */
export const DOCUMENT = JSON.parse(
  readFileSync(new URL('./openapi.json', import.meta.url), 'utf8'),
) as OpenApiDocument;

/** The kinds of a schema that has several: the values of the field that names the kind. */
function kindsOf(name: string, field: string): readonly string[] {
  const { oneOf } = DOCUMENT.components.schemas[name] as { readonly oneOf: readonly Schema[] };
  return oneOf.flatMap((kind) => {
    const { properties } = resolveSchema(kind) as { properties: Record<string, Schema> };
    return (properties[field]?.['enum'] ?? []) as readonly string[];
  });
}

/** `entry_type` of the credit ledger. */
export const CREDIT_ENTRY_TYPES = kindsOf('CreditLedgerEntry', 'entry_type');
/** `adjustment_type` of plans and subscriptions. */
export const ADJUSTMENT_TYPES = kindsOf('Adjustment', 'adjustment_type');

/** A schema, or the one that it refers to. */
export function resolveSchema(schema: Schema): Schema {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  const target = DOCUMENT.components.schemas[reference.split('/').at(-1) ?? ''];
  return target === undefined ? {} : resolveSchema(target);
}
