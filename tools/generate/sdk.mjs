/**
 * The client libraries' knowledge of the API, from the OpenAPI document: types and methods for TypeScript
 * (libs/sdk), the table of operations for Python (sdks/python).
 */
import prettier from 'prettier';
import { SDK_NAMES } from './sdk-names.mjs';

const PREFIX = '/api/v1/billing';
const HEADER = '// Made by `npm run generate` from the OpenAPI document; do not edit.\n';
const STYLE = { parser: 'typescript', printWidth: 100, singleQuote: true };

/** Answers [{path, text}], like every generator. */
export async function generateSdk(document) {
  const operations = operationsOf(document);
  const types = await prettier.format(`${HEADER}\n${typesOf(document)}`, STYLE);
  const billing = await prettier.format(`${HEADER}\n${billingOf(operations)}`, STYLE);
  return [
    { path: 'libs/sdk/src/schema.ts', text: types },
    { path: 'libs/sdk/src/billing.ts', text: billing },
    { path: 'sdks/python/orbit_billing/operations.py', text: pythonOf(operations) },
  ];
}

/** Errors: names the routes that SDK_NAMES does not know. */
export function operationsOf(document) {
  const nameless = [];
  const operations = [];
  for (const [path, methods] of Object.entries(document.paths)) {
    if (!path.startsWith(`${PREFIX}/`)) continue;
    for (const [verb, operation] of Object.entries(methods)) {
      const method = verb.toUpperCase();
      const name = SDK_NAMES[`${method} ${path}`];
      if (name === undefined) nameless.push(`${method} ${path}`);
      else operations.push(describe(name, method, path, operation));
    }
  }
  if (nameless.length > 0) {
    throw new Error(
      `Give these routes a name in tools/generate/sdk-names.mjs: ${nameless.join(', ')}`,
    );
  }
  return operations.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describe(name, method, path, operation) {
  const parameters = operation.parameters ?? [];
  const inPlace = (place) => parameters.filter((parameter) => parameter.in === place);
  const body = operation.requestBody?.content?.['application/json']?.schema;
  const [, answer] = Object.entries(operation.responses).find(([status]) => status < 300);
  const content = answer.content ?? {};
  return {
    name,
    method,
    path,
    summary: operation.summary ?? name,
    pathNames: inPlace('path'),
    query: inPlace('query'),
    takesKey: inPlace('header').some((one) => one.name.toLowerCase() === 'idempotency-key'),
    body: body ? refName(body) : null,
    answer: content['application/json']?.schema ?? null,
    isBytes: content['application/json'] === undefined,
  };
}

const refName = (schema) => schema.$ref?.split('/').at(-1) ?? null;

function typesOf({ components }) {
  return Object.entries(components.schemas)
    .map(([name, schema]) => `export interface ${name} ${objectType(schema)}\n`)
    .join('\n');
}

function objectType({ properties = {}, required = [] }) {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const comment = schema.description ? `/** ${schema.description.replaceAll('*/', '')} */\n` : '';
    return `${comment}readonly ${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`;
  });
  return `{\n${fields.join('\n')}\n}`;
}

function typeOf(schema) {
  const type = bareType(schema);
  return schema.nullable || schema.type?.includes?.('null') ? `${type} | null` : type;
}

function bareType(schema) {
  if (schema.$ref) return refName(schema);
  const parts = schema.allOf ?? schema.oneOf ?? schema.anyOf;
  if (parts) return parts.map(typeOf).join(schema.allOf ? ' & ' : ' | ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const [type] = [schema.type].flat().filter((one) => one !== 'null');
  switch (type) {
    case 'array':
      return `readonly (${typeOf(schema.items ?? {})})[]`;
    case 'object':
      if (schema.properties) return objectType(schema);
      return `Readonly<Record<string, ${typeOf(schema.additionalProperties ?? {})}>>`;
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
      return type;
    default:
      return 'unknown';
  }
}

function billingOf(operations) {
  const used = new Set();
  const note = (type) => {
    for (const [name] of type.matchAll(/\b[A-Z]\w+(?:Model|Body)\b/g)) used.add(name);
    return type;
  };
  const methods = operations.map((operation) => methodOf(operation, note)).join('\n\n');
  return `import type { Caller, CallOptions } from './http.js';
import type { ${[...used].sort().join(', ')} } from './schema.js';

/** Every operation of the billing API. Answers keep \`data\` and \`meta\`. */
export class Billing {
  constructor(private readonly caller: Caller) {}

${methods}
}
`;
}

function methodOf(operation, note) {
  const { name, method, path, summary, takesKey, isBytes } = operation;
  const fields = [
    ...operation.pathNames.map((one) => `readonly ${one.name}: string;`),
    ...operation.query.map(
      (one) => `readonly ${one.name}${one.required ? '' : '?'}: ${typeOf(one.schema)};`,
    ),
  ];
  const own = fields.length > 0 ? `{ ${fields.join(' ')} }` : null;
  const type = note([own, operation.body].filter(Boolean).join(' & '));
  const isOptional =
    operation.body === null &&
    operation.pathNames.length === 0 &&
    operation.query.every((one) => !one.required);
  const parameters = type === '' ? '' : `parameters: ${type}${isOptional ? ' = {}' : ''}, `;
  const answer = isBytes ? 'Uint8Array' : note(typeOf(operation.answer));
  const names = (list) => JSON.stringify(list.map((one) => one.name));
  const call = `{ method: '${method}', path: '${path}', pathNames: ${names(operation.pathNames)}, queryNames: ${names(operation.query)}, takesKey: ${takesKey}, isBytes: ${isBytes} }`;
  return `  /** ${summary.replaceAll('*/', '')}: \`${method} ${path}\` */
  ${name}(${parameters}options: CallOptions = {}): Promise<${answer}> {
    return this.caller.call(${call}, ${type === '' ? '{}' : 'parameters'}, options);
  }`;
}

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function pythonOf(operations) {
  const rows = operations.map((operation) => {
    const list = (items) =>
      `(${items.map((one) => `"${one.name}"`).join(', ')}${items.length === 1 ? ',' : ''})`;
    const flag = (value) => (value ? 'True' : 'False');
    return `    "${snake(operation.name)}": Operation(
        "${operation.method}",
        "${operation.path}",
        path_names=${list(operation.pathNames)},
        query_names=${list(operation.query)},
        takes_key=${flag(operation.takesKey)},
        is_bytes=${flag(operation.isBytes)},
        summary=${JSON.stringify(operation.summary)},
    ),`;
  });
  return `"""Every operation of the billing API. Made by \`npm run generate\` from the OpenAPI document; do not edit."""

from typing import NamedTuple, Tuple


class Operation(NamedTuple):
    method: str
    path: str
    path_names: Tuple[str, ...]
    query_names: Tuple[str, ...]
    takes_key: bool
    is_bytes: bool
    summary: str


OPERATIONS = {
${rows.join('\n')}
}
`;
}
