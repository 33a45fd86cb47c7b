import { cell, heading, table } from './markdown.mjs';

const MADE = 'Made by `npm run generate` from libs/contracts/src/errors.ts; do not edit.';

/**
 * From ERROR_CATALOGUE, the only list of errors that leave this product: docs/reference/errors.md, and what
 * the client libraries go by when they decide whether to send a request again.
 */
export function generateErrors({ contracts }) {
  const { ERROR_CATALOGUE, REFUSALS, CHARGE_REJECTIONS, BLOCK_REASONS } = contracts;
  const rows = Object.entries(ERROR_CATALOGUE)
    .sort(([a, left], [b, right]) => left.status - right.status || (a < b ? -1 : 1))
    .map(([code, { status, type, retryable, help }]) => [
      status,
      `\`${code}\``,
      `\`${type}\``,
      retryable ? 'yes' : 'no',
      cell(help),
    ]);
  const list = (names) => names.map((name) => `\`${name}\``).join(', ');
  const text = `${heading('Errors', 'libs/contracts/src/errors.ts')}
Every error of \`/api/v1/billing\` has this body; \`code\` is the precise name, \`type\` the class to switch on:

\`\`\`json
{"error": {"type": "invalid_request_error", "code": "invalid_field", "message": "…", "param": "amount"},
 "meta": {"request_id": "req_…", "timestamp": "2026-05-16T11:21:18.901Z"}}
\`\`\`

"Repeat" says whether the same request, with the same ids and keys, may succeed later without a change.

${table(['status', 'code', 'type', 'repeat', 'what it means, what to do'], rows)}

## Reasons that are values, not errors

In order of precedence: when several apply, the first is returned.

- An authorization is refused with: ${list(REFUSALS)}.
- The ledger rejects a charge (\`charge.rejected\`) with: ${list(CHARGE_REJECTIONS)}.
- Outbound is paused (\`outbound_block_reason\`) because of: ${list(BLOCK_REASONS)}.
`;
  return [
    { path: 'docs/reference/errors.md', text },
    { path: 'libs/sdk/src/error-catalogue.ts', text: typescriptOf(contracts) },
    { path: 'sdks/python/orbit_billing/error_catalogue.py', text: pythonOf(contracts) },
  ];
}

function typescriptOf({ ERROR_CATALOGUE }) {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, { type, retryable }]) => `  ${code}: { type: '${type}', repeat: ${retryable} },`,
  );
  const types = [...new Set(Object.values(ERROR_CATALOGUE).map(({ type }) => type))];
  return `// ${MADE}

/** Every code of the API: its coarse class, and whether the same request may be sent again. */
export const ERROR_CATALOGUE = {
${rows.join('\n')}
} as const;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
export type ErrorType =
${types.map((type) => `  | '${type}'`).join('\n')};
`;
}

function pythonOf({ ERROR_CATALOGUE }) {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, { type, retryable }]) => `    "${code}": ("${type}", ${retryable ? 'True' : 'False'}),`,
  );
  return `"""Every code of the API. ${MADE}"""

from typing import Dict, Tuple

# code: its coarse class, and whether the same request may be sent again.
ERROR_CATALOGUE: Dict[str, Tuple[str, bool]] = {
${rows.join('\n')}
}
`;
}
