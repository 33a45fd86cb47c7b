import { cell, heading, table } from './markdown.mjs';
import { testsOfEach, testsOfOperations } from './orb-seen.mjs';

const seen = (paths = []) =>
  paths.length === 0 ? 'no test of its own' : paths.map((path) => `\`${path}\``).join(', ');

/**
 * docs/reference/orb-compat.md: every operation of the contract, who serves it, and which test
 * sees it valid; so, too, its price models, ledger entries, adjustments and the routes of the seeds.
 */
export function generateOrbCompat(
  { operations, served, models, entryTypes, adjustmentTypes, seedRoutes },
  root,
) {
  const count = operations.filter(({ id }) => id in served).length;
  const tests = testsOfOperations(
    root,
    operations.map(({ id }) => id),
  );
  const rows = operations.map(({ id, method, path, tag }) => [
    cell(tag),
    `\`${method} /v1${path}\``,
    `\`${id}\``,
    id in served ? served[id].owner : 'not built',
    id in served ? seen(tests[id]) : '',
  ]);
  const kinds = (heads, names, list) => {
    const by = seen(testsOfEach(root, list));
    return table(
      [...heads, 'seen valid by'],
      names.map((one) => [...one, by]),
    );
  };
  const named = (names) => names.map((name) => [`\`${name}\``]);
  const aliases = seedRoutes.map(([method, path, id]) => [`\`${method} /v1${path}\``, `\`${id}\``]);
  const text = `${heading('Operations of the Orb-compatible API', 'apps/gateway/src/orb/operations.ts')}
${count} of ${operations.length} operations are served, each by the service that is named. The last column names the tests that hold its
answers against the pinned contract (\`responseFaults\` of \`libs/orb-api\`); it is read from the tests. \`e2e/orb-contract.e2e.ts\` walks through all of them on a whole
stack, but for the two of a single migration, which Orb makes in its own console. An operation that were not built would answer HTTP status 400 with the type
\`#404-feature-not-available\`, in the contract's own form of errors.

${table(['area', 'route', 'operation', 'served by', 'seen valid by'], rows)}

## Price models
A price of each model is made, shown and found again; its answers are held against the contract.

${kinds(['model'], named(models), 'MODEL_TYPES')}

## Entries of the credit ledger
Credit is given, taken, given back, moved, made void and left to expire; the ledger shows an entry of each type.

${kinds(['entry type'], named(entryTypes), 'CREDIT_ENTRY_TYPES')}

## Adjustments
A plan with each type is made and subscribed to; plan, subscription and invoice show it, and the invoice adds up.

${kinds(['adjustment type'], named(adjustmentTypes), 'ADJUSTMENT_TYPES')}

## Routes that only older documents name
They answer as the operation beside them.

${kinds(['route', 'operation'], aliases, 'SEED_ROUTES')}
`;
  return [{ path: 'docs/reference/orb-compat.md', text }];
}
