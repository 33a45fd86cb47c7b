// Transactions are begun in one place, because what follows a failure is easily written wrong.

const STATEMENT = /[`'"](BEGIN|START TRANSACTION|COMMIT|ROLLBACK(?! TO))\b[^`'"]*[`'"]/;
const IS_TEST = /\.(spec|itest|sim|e2e|fake)\.ts$|-(fixture|under-test|stand-in)\.ts$/;
/** The place, and the one store that begins only when it reads and so may do without. */
const MAY_BEGIN = [
  'libs/runtime/src/postgres/postgres-transaction.ts',
  'apps/wallet-ledger/src/books/adapters/postgres-ledger-store.ts',
];

/** A command of the CLI has one connection, which ends with it; a service's goes back to a pool. */
export function handWrittenTransactions({ path, text }) {
  if (!/^(apps|libs)\/[^/]+\/src\/.*\.ts$/.test(path) || path.startsWith('apps/cli/')) return [];
  if (IS_TEST.test(path) || MAY_BEGIN.includes(path)) return [];
  return text
    .split('\n')
    .flatMap((line, index) =>
      STATEMENT.test(line) && /\bquery\b|\bexecute/.test(line)
        ? [`${path}:${index + 1}: a transaction by hand; use inTransaction of @orbit/runtime.`]
        : [],
    );
}
