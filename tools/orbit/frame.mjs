/** Adds worked examples to the help of a command; each line without "npm run orbit --". */
export function examples(command, ...lines) {
  const text = lines.map((line) => `  npm run -s orbit -- ${line}`).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}

/** The command that others hang below (`orbit ledger …`), made by whichever file comes first. */
export function group(program, name, description) {
  const known = program.commands.find((command) => command.name() === name);
  return known ?? program.command(name).description(description);
}
