import { cell, heading, table } from './markdown.mjs';

/** docs/reference/errors.md from ERROR_CATALOGUE: the only list of errors that leave this product. */
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

In order of precedence: when several apply, the first is told.

- An authorization is refused with: ${list(REFUSALS)}.
- The ledger rejects a charge (\`charge.rejected\`) with: ${list(CHARGE_REJECTIONS)}.
- Outbound is paused (\`outbound_block_reason\`) because of: ${list(BLOCK_REASONS)}.
`;
  return [{ path: 'docs/reference/errors.md', text }];
}
