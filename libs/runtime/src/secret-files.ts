import { readFileSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

/** Of a variable that names a file with the value: DATABASE_URL_FILE for DATABASE_URL. */
const ENDING = '_FILE';

/**
 * The environment with the values of files in it: where `NAME_FILE` is set and `NAME` is a setting that is not, the file's
 * text is the value. Docker and Kubernetes mount secrets so. Returns faults, one sentence each, beside it.
 */
export function withSecretFiles(
  environment: Environment,
  settings: readonly string[],
): { readonly environment: Environment; readonly faults: readonly string[] } {
  const read: Record<string, string> = {};
  const faults: string[] = [];
  for (const name of settings) {
    const path = environment[`${name}${ENDING}`]?.trim() ?? '';
    if (path === '' || settings.includes(`${name}${ENDING}`)) continue;
    if ((environment[name]?.trim() ?? '') !== '') {
      faults.push(`${name} and ${name}${ENDING} are both set: remove one`);
      continue;
    }
    try {
      read[name] = readFileSync(path, 'utf8');
    } catch {
      faults.push(`${name}${ENDING} names no file that can be read`);
    }
  }
  return { environment: { ...environment, ...read }, faults };
}

/** The names by which settings may be given. */
export const withFileNames = (settings: readonly string[]): readonly string[] =>
  settings.flatMap((name) => [name, `${name}${ENDING}`]);
