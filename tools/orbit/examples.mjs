/** Adds worked examples to the help of a command; each line without "npm run orbit --". */
export function examples(command, ...lines) {
  const text = lines.map((line) => `  npm run -s orbit -- ${line}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}
