import { cell, heading, table } from './markdown.mjs';

/** docs/reference/orb-compat.md: every operation of the contract, and whether it is served. */
export function generateOrbCompat(operations, served) {
  const count = operations.filter(({ id }) => id in served).length;
  const rows = operations.map(({ id, method, path, tag }) => [
    cell(tag),
    `\`${method} /v1${path}\``,
    `\`${id}\``,
    id in served ? served[id].owner : 'not built',
  ]);
  const text = `${heading('Operations of the Orb-compatible API', 'apps/gateway/src/orb/operations.ts')}
${count} of ${operations.length} operations are served, each by the service that is named. Every answer of them is checked against the
pinned contract (\`libs/orb-api\`) in \`apps/invoicing/src/customers/customers.itest.ts\` and \`e2e/orb.e2e.ts\`. One that is not built answers HTTP status 400 with
the type \`#404-feature-not-available\`, in the contract's own form of errors.

${table(['area', 'route', 'operation', 'served by'], rows)}
`;
  return [{ path: 'docs/reference/orb-compat.md', text }];
}
