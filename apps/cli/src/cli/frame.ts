import type { Command } from 'commander';
import type { Context } from './context.js';
import { UsageError } from './faults.js';

/** A subject of the command line: adds its commands to the program. */
export type Register = (program: Command, context: Context) => void;

/** Adds worked examples to the help of a command; each line without "npm run orbit --". */
export function examples(command: Command, ...lines: readonly string[]): Command {
  const text = lines.map((line) => `  npm run -s orbit -- ${line}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}

/** The command that others hang below (`orbit ledger …`), made by whichever file comes first. */
export function group(program: Command, name: string, description: string): Command {
  const known = program.commands.find((command) => command.name() === name);
  return known ?? program.command(name).description(description);
}

/** An option that counts something. */
export function toCount(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no count.`);
}

/** An organization's path of the operator API. */
export const organizationPath = (id: string, rest = ''): string =>
  `/organizations/${encodeURIComponent(id)}${rest}`;
