// Lints planted files with the repository's own configuration and prints what was found.
// stdin: [{path, code}]; stdout: [{path, findings: ["rule: message"]}]. A process of its own because
// Nx's native module and TypeScript's parser do not belong in Jest's module sandbox.
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const planted = JSON.parse(await text(process.stdin));
const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  // The planted files are in no tsconfig: leave out the rules that need types, keep all others.
  overrideConfig: [{ ...tseslint.configs.disableTypeChecked, files: ['**/*.ts'] }],
});

const results = [];
for (const { path, code } of planted) {
  const [result] = await eslint.lintText(code, { filePath: path, warnIgnored: true });
  const findings = result.messages.map(({ ruleId, message }) => `${ruleId}: ${message}`);
  results.push({ path, findings });
}
process.stdout.write(JSON.stringify(results));
