import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { boundaries, DEEP_IMPORT, EVERYWHERE_SYNTAX } from './tools/boundaries/rules.mjs';

const TYPED = ['{apps,libs,sandboxes}/*/src/**/*.ts', 'e2e/**/*.ts'];
const TESTS = ['**/*.spec.ts', '**/*.itest.ts', '**/*.sim.ts', '**/*.e2e.ts'];

const noFocusedTests = ['describe', 'it', 'test'].flatMap((name) =>
  ['only', 'skip', 'failing', 'todo'].map((property) => ({
    selector: `MemberExpression[object.name="${name}"][property.name="${property}"]`,
    message: `${name}.${property} hides a test: repair it or delete it.`,
  })),
);
const noAliasedTests = {
  selector: 'CallExpression[callee.name=/^(fit|xit|xtest|fdescribe|xdescribe)$/]',
  message: 'A skipped or focused test hides others: repair it or delete it.',
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.orbit/**',
      '.nx/**',
      'coverage/**',
      'libs/persistence/src/generated/**',
    ],
  },
  {
    name: 'orbit/all',
    files: ['**/*.ts', '**/*.mjs'],
    languageOptions: { parser: tseslint.parser },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-debugger': 'error',
      'no-empty': 'error',
      'no-unreachable': 'error',
      'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
      'no-dupe-keys': 'error',
      'no-duplicate-case': 'error',
      'no-throw-literal': 'error',
      'no-self-compare': 'error',
      'no-unsafe-finally': 'error',
      'no-loss-of-precision': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
    },
  },
  {
    name: 'orbit/typed',
    files: TYPED,
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [DEEP_IMPORT] }],
      'no-restricted-syntax': ['error', ...EVERYWHERE_SYNTAX],
      'no-console': 'error',
    },
  },
  ...boundaries,
  {
    name: 'orbit/tests',
    files: TESTS,
    rules: {
      'no-restricted-syntax': ['error', ...EVERYWHERE_SYNTAX, ...noFocusedTests, noAliasedTests],
      // In a test a missing value is a failure with a stack trace, which is what one wants.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  prettier,
);
