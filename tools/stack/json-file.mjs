import fs from 'node:fs';
import { SetupError } from '../infra/setup-error.mjs';

/**
 * A JSON file that one of our programs wrote: half of one, one that may not be read and one that says something
 * else are faults that a sentence explains. `isWhole(value)` looks at what it must hold. Null when there is none.
 */
export function readJsonFile(file, { advice, isWhole = () => true }) {
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw new SetupError(`${file} cannot be read (${error.code}). ${advice}`);
  }
  let value = null;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SetupError(
      `${file} is no JSON${text.trim() === '' ? ': it is empty' : ''}. ${advice}`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && isWhole(value)) {
    return value;
  }
  throw new SetupError(`${file} does not hold what it should. ${advice}`);
}
