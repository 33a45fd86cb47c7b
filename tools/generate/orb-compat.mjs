import { cell, heading, table } from './markdown.mjs';
import { testsOfModels, testsOfOperations } from './orb-seen.mjs';

/** docs/reference/orb-compat.md: every operation and price model of the contract, who serves it, and which test sees it valid. */
export function generateOrbCompat(operations, served, models, root) {
  const count = operations.filter(({ id }) => id in served).length;
  const tests = testsOfOperations(
    root,
    operations.map(({ id }) => id),
  );
  const seen = (paths = []) =>
    paths.length === 0 ? 'no test of its own' : paths.map((path) => `\`${path}\``).join(', ');
  const rows = operations.map(({ id, method, path, tag }) => [
    cell(tag),
    `\`${method} /v1${path}\``,
    `\`${id}\``,
    id in served ? served[id].owner : 'not built',
    id in served ? seen(tests[id]) : '',
  ]);
  const ofModels = testsOfModels(root);
  const modelRows = models.map((model) => [`\`${model}\``, seen(ofModels)]);
  const text = `${heading('Operations of the Orb-compatible API', 'apps/gateway/src/orb/operations.ts')}
${count} of ${operations.length} operations are served, each by the service that is named. The last column names the tests that hold its
answers against the pinned contract (\`responseFaults\` of \`libs/orb-api\`); it is read from the tests. An operation that is not built answers HTTP status 400
with the type \`#404-feature-not-available\`, in the contract's own form of errors.

${table(['area', 'route', 'operation', 'served by', 'seen valid by'], rows)}

## Price models
A price of each model is made, shown and found again; its answers are held against the contract.

${table(['model', 'seen valid by'], modelRows)}
`;
  return [{ path: 'docs/reference/orb-compat.md', text }];
}
